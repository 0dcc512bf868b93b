import { type Api, Kinds } from "@muster/domain"
import { Array as Chunks, Effect } from "effect"
import { call } from "../api/Call.ts"
import type { Session } from "../api/Session.ts"
import type { FailureClass } from "../failure/ExitCode.ts"
import { follow } from "../request/FollowRequest.ts"
import { timedOutWaiting } from "../request/Progress.ts"

/** The record of a request that imports one skill. */
export type SkillImport = ReturnType<typeof Api.requestRecord<typeof Kinds.LocalSkillImport>>["Type"]

/** The result of one import. */
export type Item =
  | { readonly key: string; readonly outcome: "imported"; readonly id: string; readonly name: string }
  | { readonly key: string; readonly outcome: "refused"; readonly class: FailureClass; readonly reason: string }

export const refused = (key: string, kind: FailureClass, reason: string): Item => ({
  key,
  outcome: "refused",
  class: kind,
  reason
})

/** The result of an import that the server refused to create. */
const notCreated = (key: string, { code, error }: { readonly code: string; readonly error: string }): Item =>
  refused(key, code === "unavailable" || code === "too_many" ? "server" : "usage", error)

/** Returns the result of a settled import. */
const itemOf = (key: string, record: SkillImport): Item => {
  const { conflict, error, skill } = record
  if (skill !== undefined) return { key, outcome: "imported", id: skill.id, name: skill.name }
  if (conflict !== undefined) {
    const next = conflict.can_overwrite ? "; it is yours: use --overwrite to replace it" : ""
    return refused(key, "other", `a skill named "${conflict.name}" already exists${next}`)
  }
  if (record.status === "failed") return refused(key, "failedThere", error ?? "no reason given")
  const where = timedOutWaiting(Kinds.LocalSkillImport, record) ? "waiting for the daemon" : "on the machine"
  return refused(key, "unanswered", `timed out ${where}: ${error ?? "it did not finish"}`)
}

/** The number of imports that are followed concurrently. */
const concurrency = 8

export interface Wanted {
  readonly key: string
  readonly name?: string
}

/**
 * Imports skills, as many per call as the server accepts. Each has its own result; `onItem` gets each as soon as it is known.
 * Fails only if the first call fails.
 */
export const importKeys = Effect.fn("importKeys")(function*(
  { connection, muster }: Session,
  { id: runtimeId }: Api.RuntimeRecord,
  wanted: ReadonlyArray<Wanted>,
  overwrite: boolean,
  onItem: (item: Item) => Effect.Effect<void>
) {
  const followOne = (key: string, asked: SkillImport) =>
    follow({
      connection,
      limit: "250 seconds",
      ask: Effect.succeed(asked),
      look: (requestId, query) => muster.localSkillImport.look({ params: { runtimeId, requestId }, query }),
      onChange: () => Effect.void,
      onlyEnd: true
    }).pipe(
      Effect.map((record) => itemOf(key, record)),
      Effect.catch((failure) => Effect.succeed(refused(key, failure.class, failure.sentence)))
    )

  const importSome = Effect.fnUntraced(function*(some: ReadonlyArray<Wanted>) {
    const asks = some.map(({ key, name }) => ({
      skill_key: key,
      supports_conflict: true,
      overwrite,
      ...(name === undefined ? {} : { name })
    }))
    const { requests } = yield* muster.localSkillImport.askMany({
      params: { runtimeId },
      payload: { requests: asks }
    }).pipe(call(connection))
    return yield* Effect.forEach(some, ({ key }, i) => {
      const asked = requests[i]!
      const item = "id" in asked ? followOne(key, asked) : Effect.succeed(notCreated(key, asked))
      return Effect.tap(item, onItem)
    }, { concurrency })
  })

  /** A failure of a later call does not hide the results of the first one. */
  const importRest = (some: ReadonlyArray<Wanted>, i: number) =>
    i === 0 ? importSome(some) : importSome(some).pipe(Effect.catch((failure) =>
      Effect.forEach(some, ({ key }) => {
        const item = refused(key, failure.class, failure.sentence)
        return Effect.as(onItem(item), item)
      })
    ))

  const items = yield* Effect.forEach(Chunks.chunksOf(wanted, Kinds.LocalSkillImport.many.max), importRest)
  return items.flat()
})
