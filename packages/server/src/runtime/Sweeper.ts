import { LivenessPolicy, Machine, Machines, type Runtime, Sweep, Wake } from "@muster/domain"
import { Clock, Effect, Layer, Schedule } from "effect"
import { Audit } from "../audit/Audit.ts"
import { makeUpkeep } from "../condition/upkeep.ts"
import { RuntimeDirectory } from "./RuntimeDirectory.ts"

/** How many machines one sweep removes; the next sweep removes the rest. */
const machinesPerSweep = 1_000

/** Each `sweepEvery`, marks silent runtimes offline and removes expired ones, and machines likewise. A failed sweep is repeated by the next. */
export const layerSweeper = Layer.effectDiscard(Effect.gen(function*() {
  const directory = yield* RuntimeDirectory
  const machines = yield* Machines.Machines
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

  const sweepMachines = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    const removed = yield* machines.expire(now - Machine.ephemeralSilence, machinesPerSweep)
    for (const workspace of new Set(removed.flatMap(({ workspaces }) => workspaces))) {
      yield* wake.publish(Wake.topic.workspace(workspace))
    }
    if (removed.length === 0) return
    yield* Effect.logInfo("machines removed: their join token expired unused, or they are ephemeral and silent").pipe(
      Effect.annotateLogs({ machines: removed.length })
    )
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
      yield* sweepMachines
    })
  )

  yield* sweep.pipe(Effect.schedule(Schedule.spaced(sweepEvery)), Effect.forkScoped)
}))
