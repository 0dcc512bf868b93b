import { Task, TaskQueue } from "@muster/domain"
import { Clock, Config, Effect, Layer, Schedule, Schema } from "effect"
import { makeUpkeep } from "../condition/upkeep.ts"
import { StartupFailure } from "../data/StartupFailure.ts"
import { makePublishToDaemons } from "./publishTask.ts"

/** Between two sweeps for limits that have passed. Each replica sweeps; what one has changed, the others find changed. */
const sweepEvery = "15 seconds"

/** Between two removals of old tasks. */
const expireEvery = "1 hour"

/**
 * How many tasks one call to the store removes, how many calls one removal makes, and the pause between two: the next removal
 * removes the rest.
 */
const removal = { tasks: 1_000, calls: 1_000, pause: "200 millis" } as const

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
      const before = (yield* Clock.currentTimeMillis) - days * day
      let removed = 0
      for (let calls = 0; calls < removal.calls; calls++) {
        const { isDone, tasks } = yield* queue.expire(before, removal.tasks)
        removed += tasks
        if (isDone) break
        yield* Effect.sleep(removal.pause)
      }
      if (removed > 0) yield* Effect.logInfo(`${removed} tasks removed: they ended more than ${days} days ago`)
    })
  )

  yield* sweep.pipe(Effect.schedule(Schedule.spaced(sweepEvery)), Effect.forkScoped)
  yield* expire.pipe(Effect.schedule(Schedule.spaced(expireEvery)), Effect.forkScoped)
}))
