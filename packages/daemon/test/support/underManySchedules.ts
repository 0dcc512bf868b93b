import { Effect, Random, Scheduler } from "effect"
import { TestClock } from "effect/testing"
import { permutingScheduler } from "./PermutingScheduler.ts"

/** The number of schedules of a program: 500, as D-03 asks for, or `MUSTER_TEST_SCHEDULES`. */
export const schedules = Number(process.env["MUSTER_TEST_SCHEDULES"] ?? 500)

/** The deadline of a test that runs under that many, in ms: a loaded machine takes some 60 ms for one. */
export const testTimeout = Math.max(120_000, schedules * 120)

/** The same program under many orders of its fibers' steps, each with chances of its own; a failure names its seed. */
export const underManySchedules = <E>(program: Effect.Effect<void, E>, count = schedules) =>
  Effect.forEach(
    Array.from({ length: count }, (_, seed) => seed + 1),
    (seed) =>
      program.pipe(
        Effect.provide(TestClock.layer()),
        Effect.provideService(Scheduler.Scheduler, permutingScheduler(seed)),
        Random.withSeed(seed),
        Effect.catchDefect((defect) => Effect.die(new Error(`with seed ${seed}`, { cause: defect })))
      ),
    { discard: true }
  )
