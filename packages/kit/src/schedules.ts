import { Duration, Effect, Schedule } from "effect"

/** Repeats an effect forever, each time after the pause, in ms, that its last round returned. */
export const pauseAsReturned: Schedule.Schedule<number, number> = Schedule.forever.pipe(
  Schedule.setInputType<number>(),
  Schedule.modifyDelay(({ input }) => Effect.succeed(input))
)

/**
 * Returns the schedule with pauses that `wake` ends, but not before `least` (ms; of the input and the pause). A pause passes
 * within the schedule's step, so that it can be ended; the delay that remains is 0.
 */
export const endPausesOn = <Input>(options: {
  readonly wake: Effect.Effect<unknown>
  readonly least: (input: Input, pause: number) => Effect.Effect<number>
}) =>
<Output, Error, Env>(
  self: Schedule.Schedule<Output, Input, Error, Env>
): Schedule.Schedule<Output, Input, Error, Env> =>
  Schedule.modifyDelay(self, ({ duration, input }) =>
    Effect.gen(function*() {
      const pause = Duration.toMillis(duration)
      const least = Math.max(0, Math.min(pause, yield* options.least(input, pause)))
      yield* Effect.sleep(least)
      yield* Effect.timeoutOption(options.wake, pause - least)
      return Duration.zero
    }))

/** Returns the schedule; it begins again at each input for which `restarts` is true. */
export const restartOn = <Input>(restarts: (input: Input) => boolean) =>
<Output, Error, Env>(
  self: Schedule.Schedule<Output, Input, Error, Env>
): Schedule.Schedule<Output, Input, Error, Env> =>
  Schedule.fromStep(Effect.map(Schedule.toStep(self), (first) => {
    let step = first
    return (now: number, input: Input) =>
      restarts(input)
        ? Effect.flatMap(Schedule.toStep(self), (fresh) => (step = fresh)(now, input))
        : step(now, input)
  }))
