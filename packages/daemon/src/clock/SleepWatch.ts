import { supervised } from "@muster/kit"
import { Clock, Context, Deferred, Effect, Layer, Ref, Schedule, type Scope } from "effect"
import { WallClock } from "./WallClock.ts"

/** How often the two clocks are compared, in ms. */
const tick = 5_000

/** The maximum difference between the clocks from one look to the next, in ms: corrections are smaller, sleeps are longer. */
const tolerance = 5_000

/** A look that is later than this, in ms, means that the process was stopped. */
const lateness = 20_000

/** The minimum time between two log lines about sleep, in ms: some virtual machines are paused repeatedly. */
const quiet = 10 * 60_000

/** Both clocks at one moment, in ms. */
export interface Moment {
  readonly wall: number
  readonly monotonic: number
}

/**
 * Returns how long the machine was asleep or stopped between two looks that should be one tick apart, in ms; 0: it was not.
 * During sleep the wall clock advances without the monotonic clock. If the monotonic clock advances in sleep, too, or the
 * process was stopped, the look is late. A wall clock that was set looks like sleep: an additional beat is harmless.
 */
export const awayFor = (before: Moment, now: Moment): number => {
  const wall = now.wall - before.wall
  const monotonic = now.monotonic - before.monotonic
  if (Math.abs(wall - monotonic) > tolerance) return Math.max(Math.abs(wall - monotonic), 1)
  return monotonic > tick + lateness ? monotonic - tick : 0
}

/** When the last log line about sleep was written, and how many were omitted since. */
interface Said {
  readonly at: number
  readonly omitted: number
}

const makeDependencies = Effect.gen(function*() {
  return {
    wall: yield* WallClock,
    /** What runs before the waiters. */
    firsts: yield* Ref.make<ReadonlySet<Effect.Effect<void>>>(new Set()),
    /** Done when the machine wakes the next time. */
    next: yield* Ref.make(Deferred.makeUnsafe<void>()),
    said: yield* Ref.make<Said>({ at: -Infinity, omitted: 0 })
  }
})

type Dependencies = Effect.Success<typeof makeDependencies>

const look = ({ wall }: Dependencies): Effect.Effect<Moment> =>
  Effect.gen(function*() {
    return { wall: yield* wall, monotonic: Number(yield* Clock.monotonicTimeNanos) / 1_000_000 }
  })

const say = Effect.fnUntraced(function*({ said }: Dependencies, away: number, at: number) {
  const before = yield* Ref.get(said)
  if (at - before.at < quiet) return yield* Ref.set(said, { ...before, omitted: before.omitted + 1 })
  yield* Ref.set(said, { at, omitted: 0 })
  const more = before.omitted === 0 ? "" : `; ${before.omitted} times more since the last line`
  yield* Effect.logInfo(
    `this machine slept or its clock was set (${
      Math.round(away / 1_000)
    } s): sending heartbeats and reconnecting now${more}`
  )
})

const wake = Effect.fnUntraced(function*(deps: Dependencies, away: number, at: number) {
  yield* say(deps, away, at)
  yield* Effect.forEach(yield* Ref.get(deps.firsts), (work) => work, { discard: true })
  const woken = yield* Ref.getAndSet(deps.next, Deferred.makeUnsafe<void>())
  yield* Deferred.succeed(woken, undefined)
})

/** Compares the clocks every 5 s. */
const watch = Effect.fnUntraced(function*(deps: Dependencies) {
  const before = yield* Ref.make(yield* look(deps))
  const compare = Effect.gen(function*() {
    const now = yield* look(deps)
    const away = awayFor(yield* Ref.getAndSet(before, now), now)
    if (away > 0) yield* wake(deps, away, now.monotonic)
  })
  yield* Effect.forkScoped(supervised("sleep watch", Effect.schedule(compare, Schedule.spaced(tick))))
})

/** Adds to a set for the scope. */
const during = <A>(set: Ref.Ref<ReadonlySet<A>>, one: A) =>
  Effect.asVoid(Effect.acquireRelease(
    Ref.update(set, (all) => new Set([...all, one])),
    () => Ref.update(set, (all) => new Set([...all].filter((other) => other !== one)))
  ))

/** Detects that the machine slept or its clock was set, within 5 s. Connections that were open before are probably dead. */
export class SleepWatch extends Context.Service<SleepWatch, {
  /** Waits until the machine wakes the next time. */
  readonly woke: Effect.Effect<void>
  /** Runs `work` at each wake-up until the scope ends, before `woke` completes. */
  readonly first: (work: Effect.Effect<void>) => Effect.Effect<void, never, Scope.Scope>
}>()("@muster/daemon/clock/SleepWatch") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const deps = yield* makeDependencies
      yield* watch(deps)
      return {
        woke: Effect.flatMap(Ref.get(deps.next), Deferred.await),
        first: (work) => during(deps.firsts, work)
      }
    })
  )
}
