import type { LocalSkill, LocalSkillImport, requestRecord, RuntimeRecord } from "@muster/domain"
import { useQueryClient } from "@tanstack/react-query"
import { Effect, Fiber } from "effect"
import { useEffect, useRef, useState } from "react"
import { clientOf } from "../api/Client.ts"
import { type Problem, problemOf } from "../api/Problem.ts"
import { type Asked, follow } from "../request/FollowRequest.ts"

/** What became of one import. */
export type Import =
  | { readonly _tag: "UnderWay"; readonly asked: Pick<Asked, "status"> }
  | { readonly _tag: "Imported"; readonly name: string }
  | { readonly _tag: "Conflict"; readonly name: string; readonly canReplace: boolean }
  | { readonly _tag: "Failed"; readonly why: string }

/** How a skill is to be imported: as it is, in place of the one that has its name, or under another name. */
export interface Wish {
  readonly key: LocalSkill["key"]
  readonly overwrite?: boolean
  readonly name?: string
}

type Answer = ReturnType<typeof requestRecord<typeof LocalSkillImport>>["Type"]

/** Imports that are followed at once: a browser keeps few connections to one server. */
const maxConcurrent = 2

/** Imports asked for in one call. */
const maxPerCall = 100

/** A wish as the API reads it. */
const payloadOf = ({ key, name, overwrite }: Wish) => ({
  skill_key: key,
  supports_conflict: true,
  ...(overwrite === true ? { overwrite } : {}),
  ...(name === undefined ? {} : { name })
})

/** What an import that has ended came to. */
const became = (record: Answer): Import => {
  if (record.status !== "completed") return { _tag: "Failed", why: record.error ?? "it gave no reason" }
  if (record.conflict !== undefined) {
    return { _tag: "Conflict", name: record.conflict.name, canReplace: record.conflict.can_overwrite }
  }
  return record.skill === undefined
    ? { _tag: "Failed", why: "the server did not say what it imported" }
    : { _tag: "Imported", name: record.skill.name }
}

/** Imports from one runtime, each with its own progress. They go on while the page is shown. */
export const useImports = ({ id: runtimeId, workspaceId }: RuntimeRecord) => {
  const queries = useQueryClient()
  const [imports, setImports] = useState<ReadonlyMap<string, Import>>(new Map())
  const fibers = useRef(new Set<Fiber.Fiber<unknown, unknown>>())
  useEffect(() => () => {
    for (const fiber of fibers.current) Effect.runFork(Fiber.interrupt(fiber))
  }, [])

  const { requests } = clientOf(workspaceId)
  const note = (key: string, became: Import) => setImports((all) => new Map(all).set(key, became))

  const followOne = (key: string, record: Answer) =>
    follow<Answer>(
      Effect.succeed(record),
      (requestId, query) => requests.lookLocalSkillImport({ params: { runtimeId, requestId }, query }),
      (asked) => note(key, { _tag: "UnderWay", asked })
    ).pipe(
      Effect.match({
        onSuccess: (record) => note(key, became(record)),
        onFailure: (problem: Problem) => note(key, { _tag: "Failed", why: problem.message })
      }),
      Effect.ensuring(Effect.promise(() => queries.invalidateQueries({ queryKey: ["in", workspaceId, "skills"] })))
    )

  const askSome = (wishes: ReadonlyArray<Wish>) =>
    requests.askManyLocalSkillImport({ params: { runtimeId }, payload: { requests: wishes.map(payloadOf) } }).pipe(
      Effect.map(({ requests: answers }) =>
        wishes.map((wish, i) => ({ wish, answer: answers[i] ?? { error: "the server left it out", code: "absent" } }))
      ),
      Effect.catch((error) => {
        const { code, message } = problemOf(error)
        return Effect.succeed(wishes.map((wish) => ({ wish, answer: { error: message, code } })))
      })
    )

  const begin = (wishes: ReadonlyArray<Wish>) => {
    for (const { key } of wishes) note(key, { _tag: "UnderWay", asked: { status: "pending" } })
    const calls = Array.from(
      { length: Math.ceil(wishes.length / maxPerCall) },
      (_, i) => wishes.slice(i * maxPerCall, (i + 1) * maxPerCall)
    )
    const all = Effect.forEach(
      calls,
      (some) =>
        Effect.flatMap(askSome(some), (asked) =>
          Effect.forEach(asked, ({ answer, wish }) =>
            "id" in answer
              ? followOne(wish.key, answer)
              : Effect.sync(() => note(wish.key, { _tag: "Failed", why: answer.error })), {
            concurrency: maxConcurrent,
            discard: true
          })),
      { discard: true }
    )
    const fiber = Effect.runFork(all)
    fibers.current.add(fiber)
    fiber.addObserver(() => fibers.current.delete(fiber))
  }

  const forget = (key: string) =>
    setImports((all) => {
      const left = new Map(all)
      left.delete(key)
      return left
    })

  return { imports, begin, forget }
}
