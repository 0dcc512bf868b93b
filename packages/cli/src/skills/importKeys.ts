import { LocalSkillImport, type RuntimeRecord } from "@muster/domain"
import { Array as Chunks, Effect } from "effect"
import { call } from "../api/call.ts"
import type { Session } from "../api/Session.ts"
import { follow } from "../request/follow.ts"
import { type Item, itemOf, refused, unasked } from "./Item.ts"
import type { SkillImport } from "./Records.ts"

/** How many imports are followed at the same time. */
const atOnce = 8

export interface Wanted {
  readonly key: string
  readonly name?: string
}

/**
 * Imports skills, as many in one request as the server takes; each has an outcome of its own, and `onItem` sees each as
 * soon as it is known. Fails only where the runtime could not be asked at all.
 */
export const importKeys = Effect.fn("importKeys")(function*(
  { connection, muster }: Session,
  { id: runtimeId }: RuntimeRecord,
  wanted: ReadonlyArray<Wanted>,
  overwrite: boolean,
  onItem: (item: Item) => Effect.Effect<void>
) {
  const followOne = (key: string, asked: SkillImport) =>
    follow({
      connection,
      limit: "250 seconds",
      ask: Effect.succeed(asked),
      look: (requestId, query) => muster.requests.lookLocalSkillImport({ params: { runtimeId, requestId }, query }),
      onChange: () => Effect.void,
      patient: true
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
    const { requests } = yield* muster.requests.askManyLocalSkillImport({
      params: { runtimeId },
      payload: { requests: asks }
    }).pipe(call(connection))
    return yield* Effect.forEach(some, ({ key }, i) => {
      const asked = requests[i]!
      const item = "id" in asked ? followOne(key, asked) : Effect.succeed(unasked(key, asked))
      return Effect.tap(item, onItem)
    }, { concurrency: atOnce })
  })

  /** Later ones that could not be asked for do not hide what became of the first. */
  const importRest = (some: ReadonlyArray<Wanted>, i: number) =>
    i === 0 ? importSome(some) : importSome(some).pipe(Effect.catch((failure) =>
      Effect.forEach(some, ({ key }) => {
        const item = refused(key, failure.class, failure.sentence)
        return Effect.as(onItem(item), item)
      })
    ))

  const items = yield* Effect.forEach(Chunks.chunksOf(wanted, LocalSkillImport.many.most), importRest)
  return items.flat()
})
