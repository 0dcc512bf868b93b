import { Limit, WireError } from "@muster/domain"
import { Conditions, interruptInBackground } from "@muster/kit"
import { Clock, Context, Duration, Effect, Layer, Option, Schedule, Semaphore } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import * as HttpEffect from "effect/http/HttpEffect"
import { makeUpkeep } from "../condition/upkeep.ts"
import { addressOf, networkOf } from "../http/addressOf.ts"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"

/** How long a call waits for the store. After that it passes. */
const storeTimeout = Duration.millis(500)

/** How long, in ms, the store is not asked after it failed. */
const pauseAfterFault = 2_000

/** How long, in ms, what was taken in advance may be used. */
const advanceFor = 10_000

/** How many keys may have something taken in advance; above it, each further call asks the store. */
const maxAdvances = 50_000

const pruneEvery = Duration.minutes(1)

/** The rules in force. A test has smaller ones. */
export const LimitRules = Context.Reference<
  Readonly<Record<Limit.LimitName, Limit.Bucket & { readonly batch: number }>>
>("@muster/server/limit/LimitRules", { defaultValue: () => Limit.rules })

/**
 * The limits of `Limit.rules`, which all replicas share. In a handler, before the work:
 *
 *     yield* limits.take("invitations", userId)
 *     yield* limits.takeOfCaller("joins")
 *
 * Beyond the limit it fails with 429 and the response has `Retry-After`. If the store cannot answer, every call passes;
 * its condition is logged, and the metric counts it. No call of daemons is limited, except joining.
 */
export class Limits extends Context.Service<Limits, {
  /** Takes one from the limit of this key: an id, or an address. */
  readonly take: (name: Limit.LimitName, key: string) => Effect.Effect<void, WireError.TooMany>
  /** The same for the address of the current call; without a call it passes. */
  readonly takeOfCaller: (name: Limit.LimitName) => Effect.Effect<void, WireError.TooMany>
}>()("@muster/server/limit/Limits") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const rules = yield* LimitRules
      const { bounds } = yield* ServerMetrics
      const granted = yield* makeGranted
      const take = Effect.fnUntraced(function*(name: Limit.LimitName, key: string) {
        const { granted: count, retryAfter } = yield* granted(`${name} ${key}`.slice(0, 200), rules[name])
        if (count > 0) return
        bounds[name]()
        yield* retryHeader(retryAfter)
        return yield* WireError.tooMany(Limit.refusal(name, retryAfter, rules[name]))
      })
      return Limits.of({
        take,
        takeOfCaller: (name) =>
          Effect.flatMap(Effect.serviceOption(HttpServerRequest.HttpServerRequest), (request) =>
            Option.isNone(request)
              ? Effect.void
              : Effect.flatMap(addressOf(request.value), (address) => take(name, networkOf(address))))
      })
    })
  )
}

/** Adds `Retry-After`, in whole seconds, to the response of the current call. */
const retryHeader = (retryAfter: number): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const seconds = String(Math.max(1, Math.ceil(retryAfter / 1_000)))
    HttpEffect.appendPreResponseHandlerUnsafe(fiber.context, (_, response) =>
      Effect.succeed(HttpServerResponse.setHeader(response, "retry-after", seconds)))
    return Effect.void
  })

/** What was taken in advance for one key. */
interface Advance {
  left: number
  until: number
  readonly turn: Semaphore.Semaphore
}

const passed: Limit.Taken = { granted: 1, retryAfter: 0 }

/**
 * Returns a function that takes one for a key. Of a rule with a batch it takes a batch from the store and uses it up
 * first, so nearly every call costs no call to the store. What is not used within 10 s is lost, so over all replicas a
 * window may have one batch more per replica than its limit, and never more.
 */
const makeGranted = Effect.gen(function*() {
  const store = yield* Limit.LimitStore
  const upkeep = yield* makeUpkeep
  const advances = new Map<string, Advance>()
  const conditions = yield* Conditions
  let pausedUntil = 0

  const slow = conditions.begin(
    "limits:slow",
    `the store of limits does not answer within ${Duration.format(storeTimeout)}: calls pass without their limits`,
    { lapse: "the store of limits answers in time" }
  )

  const ask = Effect.fnUntraced(function*(key: string, bucket: Limit.Bucket, wanted: number) {
    const now = yield* Clock.currentTimeMillis
    if (now < pausedUntil) return passed
    return yield* interruptInBackground(store.take(key, bucket, wanted)).pipe(
      Effect.catch((error) => Effect.as(Effect.logDebug("limits pass without their store", error), undefined)),
      Effect.timeoutOrElse({ duration: storeTimeout, orElse: () => Effect.as(slow, undefined) }),
      Effect.map((taken) => {
        if (taken === undefined) pausedUntil = now + pauseAfterFault
        return taken ?? passed
      })
    )
  })

  const advanceOf = (key: string): Advance | undefined => {
    const known = advances.get(key)
    if (known !== undefined || advances.size >= maxAdvances) return known
    const made: Advance = { left: 0, until: 0, turn: Semaphore.makeUnsafe(1) }
    advances.set(key, made)
    return made
  }

  const useUp = (advance: Advance, now: number): boolean => {
    if (advance.left === 0 || now >= advance.until) return false
    advance.left--
    return true
  }

  /** Serialized: a waiting call uses what the first one took. */
  const refill = (key: string, advance: Advance, bucket: Limit.Bucket, batch: number) =>
    advance.turn.withPermits(1)(Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      if (useUp(advance, now)) return passed
      const taken = yield* ask(key, bucket, batch)
      advance.left = Math.max(0, taken.granted - 1)
      advance.until = now + advanceFor
      return taken
    }))

  const forgetUnused = Effect.map(Clock.currentTimeMillis, (now) => {
    for (const [key, { until }] of advances) if (now >= until) advances.delete(key)
  })
  yield* upkeep("forgetting full buckets of limits", Effect.andThen(forgetUnused, store.prune)).pipe(
    Effect.schedule(Schedule.spaced(pruneEvery)),
    Effect.forkScoped
  )

  return (key: string, { batch, ...bucket }: Limit.Bucket & { readonly batch: number }): Effect.Effect<Limit.Taken> =>
    Effect.withFiber((fiber) => {
      const advance = batch === 1 ? undefined : advanceOf(key)
      if (advance === undefined) return ask(key, bucket, 1)
      const now = fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
      return useUp(advance, now) ? Effect.succeed(passed) : refill(key, advance, bucket, batch)
    })
})
