import { Task, TaskQueue } from "@muster/domain"
import { Clock, Config, Effect, Layer, Schedule, Schema } from "effect"
import { makeUpkeep } from "../condition/upkeep.ts"
import { StartupFailure } from "../data/StartupFailure.ts"
import { makePublishToDaemons } from "./publishTask.ts"

/** Between two sweeps for limits that have passed. Each replica sweeps; what one has changed, the others find changed. */
const sweepEvery = "15 seconds"

/** Between two removals of old tasks. */
const expireEvery = "1 hour"

/** How many tasks one removal removes; the next one removes the rest. */
const maxExpired = 1_000

/** How long tasks that have ended are kept, in days, unless `MUSTER_TASK_DAYS` says so. */
const defaultDays = 30
const maxDays = 3_650
const day = 24 * 60 * 60 * 1000

const taskDays = Config.withDefault(
  Config.schema(
    Schema.FiniteFromString.check(Schema.isInt(), Schema.isBetween({ minimum: 1, maximum: maxDays })),
    "MUSTER_TASK_DAYS"
  ),
  defaultDays
).pipe(
  Effect.mapError(() =>
    new StartupFailure({
      reason: "configuration",
      sentence: `MUSTER_TASK_DAYS must be a whole number of days from 1 to ${maxDays}`
    })
  )
)

/** Applies the limits of tasks that nobody reads, and removes those that ended long ago, with their logs. */
export const layerTaskUpkeep = Layer.effectDiscard(Effect.gen(function*() {
  const queue = yield* TaskQueue.TaskQueue
  const publish = yield* makePublishToDaemons
  const upkeep = yield* makeUpkeep
  const days = yield* taskDays

  const sweep = upkeep(
    "the sweep of tasks",
    Effect.gen(function*() {
      const changed = yield* queue.sweep(Task.maxSwept)
      yield* publish(changed)
      if (changed.length > 0) yield* Effect.logInfo(`limits of ${changed.length} tasks have passed`)
    })
  )
  const expire = upkeep(
    "the removal of old tasks",
    Effect.gen(function*() {
      const removed = yield* queue.expire((yield* Clock.currentTimeMillis) - days * day, maxExpired)
      if (removed > 0) yield* Effect.logInfo(`${removed} tasks removed: they ended more than ${days} days ago`)
    })
  )

  yield* sweep.pipe(Effect.schedule(Schedule.spaced(sweepEvery)), Effect.forkScoped)
  yield* expire.pipe(Effect.schedule(Schedule.spaced(expireEvery)), Effect.forkScoped)
}))
