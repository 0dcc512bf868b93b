import type { Api, Kinds, LocalSkill } from "@muster/domain"
import { useQueryClient } from "@tanstack/react-query"
import { Effect } from "effect"
import { useEffect, useRef, useState } from "react"
import { clientOf } from "../api/Client.ts"
import { type Problem, problemOf } from "../api/Problem.ts"
import { start } from "../api/RunCall.ts"
import { follow, type RequestView } from "../request/FollowRequest.ts"

/** The state of one import. */
export type Import =
  | { readonly _tag: "UnderWay"; readonly asked: Pick<RequestView, "status"> }
  | { readonly _tag: "Imported"; readonly name: string }
  | { readonly _tag: "Conflict"; readonly name: string; readonly canReplace: boolean }
  | { readonly _tag: "Failed"; readonly why: string }

/** How to import a skill: unchanged, replacing the skill with the same name, or with a new name. */
export interface ImportOptions {
  readonly key: LocalSkill.LocalSkill["key"]
  readonly overwrite?: boolean
  readonly name?: string
}

type Answer = ReturnType<typeof Api.requestRecord<typeof Kinds.LocalSkillImport>>["Type"]

/** The maximum number of imports that are followed concurrently: browsers allow few connections per server. */
const maxConcurrent = 2

/** The maximum number of imports per call. */
const maxPerCall = 100

/** Returns the API's payload of an import. */
const payloadOf = ({ key, name, overwrite }: ImportOptions) => ({
  skill_key: key,
  supports_conflict: true,
  ...(overwrite === true ? { overwrite } : {}),
  ...(name === undefined ? {} : { name })
})

/** Returns the result of a settled import. */
const became = (record: Answer): Import => {
  if (record.status !== "completed") return { _tag: "Failed", why: record.error ?? "no reason given" }
  if (record.conflict !== undefined) {
    return { _tag: "Conflict", name: record.conflict.name, canReplace: record.conflict.can_overwrite }
  }
  return record.skill === undefined
    ? { _tag: "Failed", why: "the server did not report the imported skill" }
    : { _tag: "Imported", name: record.skill.name }
}

/** Imports from one runtime, each with its own progress. They stop when the page is closed. */
export const useImports = ({ id: runtimeId, workspaceId }: Api.RuntimeRecord) => {
  const queries = useQueryClient()
  const [imports, setImports] = useState<ReadonlyMap<string, Import>>(new Map())
  const stops = useRef(new Set<() => void>())
  useEffect(() => () => {
    for (const stop of stops.current) stop()
  }, [])

  const { localSkillImport } = clientOf(workspaceId)
  const note = (key: string, became: Import) => setImports((all) => new Map(all).set(key, became))

  const followOne = (key: string, record: Answer) =>
    follow<Answer>(
      Effect.succeed(record),
      (requestId, query) => localSkillImport.look({ params: { runtimeId, requestId }, query }),
      (asked) => note(key, { _tag: "UnderWay", asked })
    ).pipe(
      Effect.match({
        onSuccess: (record) => note(key, became(record)),
        onFailure: (problem: Problem) => note(key, { _tag: "Failed", why: problem.message })
      }),
      Effect.ensuring(Effect.promise(() => queries.invalidateQueries({ queryKey: ["in", workspaceId, "skills"] })))
    )

  const askSome = (wishes: ReadonlyArray<ImportOptions>) =>
    localSkillImport.askMany({ params: { runtimeId }, payload: { requests: wishes.map(payloadOf) } }).pipe(
      Effect.map(({ requests: answers }) =>
        wishes.map((wish, i) => ({
          wish,
          answer: answers[i] ?? { error: "the server did not process it", code: "absent" }
        }))
      ),
      Effect.catch((error) => {
        const { code, message } = problemOf(error)
        return Effect.succeed(wishes.map((wish) => ({ wish, answer: { error: message, code } })))
      })
    )

  const begin = (wishes: ReadonlyArray<ImportOptions>) => {
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
    // One per click, until the page is closed; stopping what has ended does nothing.
    stops.current.add(start(all))
  }

  const forget = (key: string) =>
    setImports((all) => {
      const left = new Map(all)
      left.delete(key)
      return left
    })

  return { imports, begin, forget }
}
