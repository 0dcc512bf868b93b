import { Clock, Duration, Effect, Schedule, type Scope } from "effect"
import { uptime } from "node:os"

/**
 * The maximum difference between wall clock and monotonic clock from one reading to the next, in ms. Corrections by NTP's
 * slewing are smaller.
 */
const tolerance = 2_000

/** The fraction of elapsed time by which a step is followed: a step of 1 h takes 10 h. */
const rate = 0.1

/** What a steady clock reads. All in ms. */
export interface ClockSources {
  /** Epoch ms; it can be set. */
  readonly wall: () => number
  /** Never set; it may stop while the machine sleeps. */
  readonly monotonic: () => number
  /** Since the machine's boot, its sleep included; a resolution of 1 s is enough. */
  readonly uptime: () => number
}

const sourcesOf = (base: Clock.Clock): ClockSources => ({
  wall: () => base.currentTimeMillisUnsafe(),
  monotonic: () => Number(base.monotonicTimeNanosUnsafe()) / 1_000_000,
  uptime: () => uptime() * 1_000
})

export interface SteadyTime {
  /** Epoch ms, without the steps of the wall clock that are not followed yet. */
  readonly now: () => number
  /** By how much the machine's clock was set since the last call, in ms: positive is forward; 0: it was not. */
  readonly takeStep: () => number
}

/**
 * Returns the time of the wall clock, but follows its steps slowly: a clock that is set by an hour (by NTP, by a person, or
 * because a virtual machine is restored) does not end deadlines an hour early or late. Time passes at 90 to 110 % of its pace
 * until a step is followed. Sleep of the machine is not a step: it is detected by the uptime and followed at once.
 */
export const makeSteadyTime = (sources: ClockSources): SteadyTime => {
  let wall = sources.wall()
  let monotonic = sources.monotonic()
  let boot = sources.uptime() - monotonic
  let behind = 0
  let step = 0

  /** Returns the difference between two readings, without the machine's sleep. */
  const stepOf = (parted: number) => {
    const now = sources.uptime() - monotonic
    const slept = now - boot > tolerance ? now - boot : 0
    boot = now
    return parted - slept
  }

  const now = () => {
    const [before, since] = [wall, monotonic]
    wall = sources.wall()
    monotonic = sources.monotonic()
    const elapsed = monotonic - since
    const parted = wall - before - elapsed
    if (Math.abs(parted) > tolerance) {
      const stepped = stepOf(parted)
      if (Math.abs(stepped) > tolerance) {
        behind += stepped
        step += stepped
      }
    }
    if (behind !== 0) {
      const followed = Math.max(0, elapsed) * rate
      behind = behind > 0 ? Math.max(0, behind - followed) : Math.min(0, behind + followed)
    }
    return wall - behind
  }

  const takeStep = () => {
    const taken = step
    step = 0
    return taken
  }

  return { now, takeStep }
}

/** Returns the clock of this process with a steady time. Only readings of the wall clock change; sleeps are monotonic. */
export const steadyClock = (base: Clock.Clock, { now }: Pick<SteadyTime, "now">): Clock.Clock => ({
  currentTimeMillisUnsafe: now,
  currentTimeMillis: Effect.sync(now),
  currentTimeNanosUnsafe: () => BigInt(Math.round(now())) * 1_000_000n,
  currentTimeNanos: Effect.sync(() => BigInt(Math.round(now())) * 1_000_000n),
  monotonicTimeNanosUnsafe: () => base.monotonicTimeNanosUnsafe(),
  monotonicTimeNanos: base.monotonicTimeNanos,
  sleep: (duration) => base.sleep(duration)
})

const sentence = (step: number) =>
  `the machine's clock was set ${step > 0 ? "forward" : "back"} by ${
    Math.round(Math.abs(step) / 1_000)
  } s: deadlines keep `
  + "their length, and times follow slowly; restart to follow at once"

/** Runs a service on a steady clock, and writes a warning when the machine's clock was set. */
export const onSteadyClock = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, Exclude<R, Scope.Scope>> =>
  Effect.gen(function*() {
    const base = yield* Clock.Clock
    const time = makeSteadyTime(sourcesOf(base))
    const watch = Effect.suspend(() => {
      const step = time.takeStep()
      return step === 0 ? Effect.void : Effect.logWarning(sentence(step))
    })
    return yield* Effect.gen(function*() {
      yield* watch.pipe(Effect.schedule(Schedule.spaced(Duration.seconds(30))), Effect.forkScoped)
      return yield* effect
    }).pipe(Effect.provideService(Clock.Clock, steadyClock(base, time)))
  }).pipe(Effect.scoped) as Effect.Effect<A, E, Exclude<R, Scope.Scope>>
