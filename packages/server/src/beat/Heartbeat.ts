import {
  type Identity,
  Kinds,
  Liveness,
  type Request,
  RequestStore,
  type Runtime,
  type Store,
  Wake,
  WireError
} from "@muster/domain"
import { Conditions, eachOf } from "@muster/kit"
import { Cause, Clock, Context, Duration, Effect, Exit, Layer, Option } from "effect"
import { Journal } from "../journal/Journal.ts"
import { Drains } from "../machine/Drains.ts"
import { type BeatOutcome, type BeatTransport, ServerMetrics } from "../metrics/ServerMetrics.ts"
import { type Denied, RuntimeAccess } from "../runtime/RuntimeAccess.ts"
import { RuntimeDirectory } from "../runtime/RuntimeDirectory.ts"
import { makeBeatHistory } from "./BeatHistory.ts"
import { type BeatParts, endStep, isSlow, makeSlowLog, newParts } from "./BeatParts.ts"
import { makeInstances } from "./Instances.ts"
import { makeOneAtATime } from "./oneAtATime.ts"
import { within } from "./within.ts"

/** How long the probe may delay a beat. */
const probeTimeout = Duration.seconds(1)

const none: ReadonlyArray<Request.Request> = []
const nothing = Effect.succeed(none)

/** What one beat claims of each kind: one request, or the kind's batch for a daemon that reads batches. */
const wantedOf = (batches: boolean): ReadonlyMap<string, RequestStore.Wanted> =>
  new Map(Kinds.all.map((kind) => [
    kind.name,
    { kind: kind.name, max: batches ? kind.batch?.max ?? 1 : 1 }
  ]))
const wantedSingle = wantedOf(false)
const wantedBatch = wantedOf(true)

/** The outcome that a beat counts as when it fails with this error. */
const outcomeOf = ({ code, name }: WireError.WireError): BeatOutcome =>
  code === "runtime_not_found" ? "gone" : name === "ServerFault" || name === "Unavailable" ? "fault" : "refused"

/**
 * One beat of one runtime: access, liveness, probe, claim. HTTP beats and socket beats call `beat`, wakes call `collect`;
 * there is no second implementation of any step.
 */
export class Heartbeat extends Context.Service<Heartbeat, {
  /**
   * Returns the requests that the daemon picks up. Fails if the runtime is provably gone or belongs to another caller,
   * or if a store is unavailable; never because of requests. The probe is given up after 1 s. A claim has no timeout
   * here; it ends within the request store's own deadline.
   */
  readonly beat: (
    credential: Identity.Credential,
    id: Runtime.RuntimeId,
    batches: boolean,
    by?: BeatTransport,
    /** The id of the daemon's process, see `Instances`. The beat of a second machine fails with `second_daemon`. */
    instance?: string
  ) => Effect.Effect<ReadonlyArray<Request.Request>, Denied | WireError.ServerFault | WireError.Conflict>
  /** Probes and claims without touching liveness. Never fails; returns none if the store does not answer in 1 s. */
  readonly collect: (id: Runtime.RuntimeId, batches: boolean) => Effect.Effect<ReadonlyArray<Request.Request>>
}>()("@muster/server/beat/Heartbeat") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const needs: Needs = {
        access: yield* RuntimeAccess,
        clock: yield* Clock.Clock,
        conditions: yield* Conditions,
        directory: yield* RuntimeDirectory,
        drains: yield* Drains,
        history: yield* makeBeatHistory,
        instances: yield* makeInstances,
        journal: yield* Journal,
        liveness: yield* Liveness.Liveness,
        logSlow: yield* makeSlowLog,
        metrics: yield* ServerMetrics,
        oneAtATime: makeOneAtATime(),
        store: yield* RequestStore.RequestStore,
        underWay: makeUnderWay(yield* ServerMetrics),
        wake: yield* Wake.Wake
      }
      return Heartbeat.of({ beat: makeBeat(needs), collect: makeCollect(needs) })
    })
  )
}

/** What the steps of a beat need. */
interface Needs {
  readonly access: RuntimeAccess["Service"]
  readonly clock: Clock.Clock
  readonly conditions: Conditions["Service"]
  readonly directory: RuntimeDirectory["Service"]
  readonly drains: Drains["Service"]
  readonly history: Effect.Success<typeof makeBeatHistory>
  readonly instances: Effect.Success<typeof makeInstances>
  readonly journal: Journal["Service"]
  readonly liveness: Liveness.Liveness["Service"]
  readonly logSlow: Effect.Success<typeof makeSlowLog>
  readonly metrics: ServerMetrics["Service"]
  readonly oneAtATime: ReturnType<typeof makeOneAtATime>
  readonly store: RequestStore.RequestStore["Service"]
  readonly underWay: () => typeof nothing
  readonly wake: Wake.Wake["Service"]
}

/** One beat in progress. */
interface Beat {
  readonly id: Runtime.RuntimeId
  readonly batches: boolean
  readonly by: BeatTransport | "wake"
  readonly via: Runtime.Transport
  readonly parts: BeatParts
}

const makeBeat =
  (needs: Needs): Heartbeat["Service"]["beat"] => (credential, id, batches, by = "socket", instance = "") =>
    Effect.suspend(() => {
      const { clock } = needs
      const parts = newParts(clock.currentTimeMillisUnsafe(), "access")
      const beat: Beat = { id, batches, by, via: by === "http" ? "beat" : "socket", parts }
      return Effect.onExitPrimitive(signOfLife(needs, credential, beat, instance), (exit) => {
        if (Exit.isSuccess(exit)) return endBeat(needs, by, beat, "ok")
        const error = Cause.findErrorOption(exit.cause)
        return Option.isSome(error) ? endBeat(needs, by, beat, outcomeOf(error.value)) : undefined
      })
    })

/** Counts a beat, and adds it to its runtime's history; returns the effect that logs it if it was slow. */
const endBeat = (
  { clock, history, logSlow, metrics }: Needs,
  by: BeatTransport,
  { id, parts }: Beat,
  outcome: BeatOutcome
) => {
  const now = clock.currentTimeMillisUnsafe()
  const total = now - parts.start
  endStep(parts, now)
  metrics.beatSeconds[by](total / 1_000)
  metrics.beats[by][outcome]()
  if (outcome === "ok") history.beat(id, now, total)
  return isSlow(total, parts) ? logSlow(id, by, total, parts, outcome) : undefined
}

const makeCollect = (needs: Needs): Heartbeat["Service"]["collect"] =>
  Effect.fnUntraced(function*(id, batches) {
    const { clock, logSlow, metrics } = needs
    const parts = newParts(clock.currentTimeMillisUnsafe(), "probe")
    metrics.wakesReceived()
    const work = yield* pickUp(needs, { id, batches, by: "wake", via: "socket", parts }, true)
    const total = clock.currentTimeMillisUnsafe() - parts.start
    if (isSlow(total, parts)) yield* logSlow(id, "wake", total, parts, "ok")
    return work
  })

/**
 * Checks the caller, records the beat, and then picks up work. A cached answer costs no effect; closures that only other
 * answers need are in functions of their own, since a captured parameter costs an allocation even where it is not used.
 */
const signOfLife = (needs: Needs, credential: Identity.Credential, beat: Beat, instance: string) => {
  const known = needs.access.known(credential, beat.id)
  return known === undefined ? findAndAdmit(needs, credential, beat, instance) : admit(needs, beat, instance, known)
}

const findAndAdmit = (needs: Needs, credential: Identity.Credential, beat: Beat, instance: string) => {
  const { access, clock } = needs
  const { id, parts } = beat
  const found = access.runtime(credential, id, () => {
    parts.lookup = clock.currentTimeMillisUnsafe() - parts.start
  })
  return Effect.flatMap(found, (runtime) => admit(needs, beat, instance, runtime))
}

/** Refuses a second machine. */
const admit = (needs: Needs, beat: Beat, instance: string, runtime: Runtime.Runtime) =>
  Effect.flatMapEager(needs.instances.judge(runtime, instance), () => {
    endStep(beat.parts, needs.clock.currentTimeMillisUnsafe(), "liveness")
    return Effect.matchCauseEffect(needs.liveness.beat(runtime), {
      onFailure: failed,
      onSuccess: () => alive(needs, beat, runtime)
    })
  })

const failed = (cause: Cause.Cause<Store.StoreUnavailable>) =>
  Effect.failCause(Cause.map(cause, (error) => WireError.fault("heartbeat failed", error)))

/** The steps of a beat after it is recorded. */
const alive = (needs: Needs, beat: Beat, runtime: Runtime.Runtime) => {
  const { clock, journal, wake } = needs
  const { id, parts, via } = beat
  const began = parts.since
  endStep(parts, clock.currentTimeMillisUnsafe(), "probe")
  journal.beat(id, via, began)
  const work = pickUp(needs, beat, false)
  // Open console pages show immediately that the runtime is online again.
  return runtime.status === "online"
    ? work
    : Effect.andThen(wake.publish(Wake.topic.workspace(runtime.workspaceId)), work)
}

/**
 * Probes and claims, one at a time per runtime. While another runs, a wake waits for its end (`waits`); a beat returns
 * none, since the daemon beats again.
 */
const pickUp = (needs: Needs, beat: Beat, waits: boolean) =>
  needs.oneAtATime(beat.id, waits, () => {
    if (waits) beat.parts.since = needs.clock.currentTimeMillisUnsafe()
    return probeAndClaim(needs, beat)
  }, needs.underWay)

const makeUnderWay = ({ probes }: ServerMetrics["Service"]) => () => {
  probes.under_way()
  return nothing
}

const probeAndClaim = (needs: Needs, beat: Beat) => {
  const { batches, parts } = beat
  return Effect.flatMap(probe(needs, beat), (kinds) => {
    endStep(parts, needs.clock.currentTimeMillisUnsafe(), "claim")
    countProbe(needs, parts, kinds.length)
    if (kinds.length === 0) return nothing
    const table = batches ? wantedBatch : wantedSingle
    const wanted = kinds.flatMap((kind) => table.get(kind) ?? [])
    if (wanted.length === 0) return nothing
    return Effect.flatMap(needs.drains.holds(beat.id), (held) => held ? nothing : claim(needs, beat, wanted))
  })
}

const countProbe = ({ metrics: { probes, probeSeconds } }: Needs, parts: BeatParts, found: number) => {
  probeSeconds(parts.probe / 1_000)
  if (found > 0) probes.work()
  else if (parts.probeTimedOut) probes.timed_out()
  else if (parts.probeFailed) probes.failed()
  else probes.nothing()
}

/** Returns the kinds that may have work; none if the store does not answer in time or fails. */
const probe = ({ conditions, store }: Needs, { id, parts }: Beat): Effect.Effect<ReadonlyArray<string>> =>
  within(store.waiting(id), probeTimeout, (failed) =>
    Effect.suspend(() => {
      parts.probeTimedOut = failed === undefined
      parts.probeFailed = failed !== undefined
      const hasDefect = failed !== undefined && Cause.hasDies(failed)
      return Effect.as(hasDefect ? reportDefect(conditions, failed) : Effect.void, [])
    }))

const reportDefect = (conditions: Conditions["Service"], cause: Cause.Cause<unknown>) =>
  conditions.begin("defect:probe", `the probe for work failed with a defect: ${Cause.pretty(cause)}`, {
    level: "Error",
    lapse: "the probe for work no longer fails with a defect"
  })

/** Claims each kind by its own call, all at the same time: a kind that fails or is slow does not delay the others. */
const claim = (needs: Needs, beat: Beat, wanted: ReadonlyArray<RequestStore.Wanted>) => {
  const { by, parts } = beat
  parts.claimByKind = {}
  const all = wanted.length === 1
    ? claimKind(needs, beat, wanted[0]!)
    : Effect.map(
      Effect.forEach(wanted, (one) => claimKind(needs, beat, one), { concurrency: "unbounded" }),
      (claimed) => claimed.flat()
    )
  return Effect.map(all, (work) => {
    endStep(parts, needs.clock.currentTimeMillisUnsafe())
    needs.metrics.pickups[by](work.length)
    if (by === "socket") needs.metrics.wakesMissed(work.length)
    return work
  })
}

/** Has no timeout: what was claimed must reach the daemon. The store's observer reports a failure. */
const claimKind = (needs: Needs, { id, parts, via }: Beat, wanted: RequestStore.Wanted) =>
  Effect.suspend(() => {
    const { clock, directory, journal, metrics, store, wake } = needs
    const start = clock.currentTimeMillisUnsafe()
    return store.claim(id, [wanted]).pipe(
      Effect.tap((claimed) => journal.delivered(directory.known(id), claimed, via)),
      Effect.tap((claimed) =>
        Effect.forEach(claimed, (request) => wake.publish(Wake.topic.request(request.id)), { discard: true })
      ),
      Effect.uninterruptible,
      Effect.catch(() =>
        Effect.sync(() => {
          metrics.claimsFailed()
          parts.claimFailed = true
          return none
        })
      ),
      Effect.map((claimed) => {
        const millis = clock.currentTimeMillisUnsafe() - start
        parts.claimByKind[wanted.kind] = millis
        parts.claimed += claimed.length
        eachOf(metrics.claimSeconds, wanted.kind)(millis / 1_000)
        return claimed
      })
    )
  })
