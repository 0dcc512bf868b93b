import { LivenessPolicy, type Runtime, Sweep, Wake } from "@muster/domain"
import { Effect, Layer, Schedule } from "effect"
import { Audit } from "../audit/Audit.ts"
import { makeUpkeep } from "../condition/upkeep.ts"
import { RuntimeDirectory } from "./RuntimeDirectory.ts"

/** Each `sweepEvery`, marks silent runtimes offline and removes expired ones. A failed sweep is repeated by the next. */
export const layerSweeper = Layer.effectDiscard(Effect.gen(function*() {
  const directory = yield* RuntimeDirectory
  const wake = yield* Wake.Wake
  const audit = yield* Audit
  const upkeep = yield* makeUpkeep
  const { sweepEvery } = yield* LivenessPolicy.LivenessPolicy

  const tell = Effect.fnUntraced(function*(rows: ReadonlyArray<Runtime.Runtime>, what: string) {
    if (rows.length === 0) return
    yield* directory.forget(rows.map(({ id }) => id))
    for (const workspace of new Set(rows.map(({ workspaceId }) => workspaceId))) {
      yield* wake.publish(Wake.topic.workspace(workspace))
    }
    yield* Effect.logInfo(what).pipe(Effect.annotateLogs({ runtimes: rows.length }))
  })

  const sweep = upkeep(
    "the sweep for silent runtimes",
    Effect.gen(function*() {
      yield* tell(yield* Sweep.sweepStale, "runtimes marked offline: no beat within the offline threshold")
      const expired = yield* Sweep.sweepExpired
      yield* tell(expired, "runtimes removed: offline for longer than the retention time")
      yield* Effect.forEach(expired, ({ id, name, workspaceId }) =>
        audit.record({
          action: "runtime.delete",
          workspaceId,
          target: { kind: "runtime", id, name },
          details: { reason: "offline for longer than the retention time" }
        }), { discard: true })
    })
  )

  yield* sweep.pipe(Effect.schedule(Schedule.spaced(sweepEvery)), Effect.forkScoped)
}))
