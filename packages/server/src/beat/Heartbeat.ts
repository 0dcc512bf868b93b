import {
  type Identity,
  Kinds,
  Liveness,
  type Request,
  RequestStore,
  type Runtime,
  Wake,
  WireError
} from "@muster/domain"
import { Conditions, eachOf } from "@muster/kit"
import { Cause, Clock, Context, Duration, Effect, Layer } from "effect"
import { Journal } from "../journal/Journal.ts"
import { Drains } from "../machine/Drains.ts"
import { type BeatOutcome, type BeatTransport, ServerMetrics } from "../metrics/ServerMetrics.ts"
import { type Denied, RuntimeAccess } from "../runtime/RuntimeAccess.ts"
import { RuntimeDirectory } from "../runtime/RuntimeDirectory.ts"
import { type BeatParts, makeSlowLog, newParts } from "./BeatParts.ts"
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
        conditions: yield* Conditions,
        directory: yield* RuntimeDirectory,
        drains: yield* Drains,
        instances: yield* makeInstances,
        journal: yield* Journal,
        liveness: yield* Liveness.Liveness,
        logSlow: yield* makeSlowLog,
        metrics: yield* ServerMetrics,
        oneAtATime: makeOneAtATime(),
        store: yield* RequestStore.RequestStore,
        wake: yield* Wake.Wake
      }
      return Heartbeat.of({ beat: makeBeat(needs), collect: makeCollect(needs) })
    })
  )
}

/** What the steps of a beat need. */
interface Needs {
  readonly access: RuntimeAccess["Service"]
  readonly conditions: Conditions["Service"]
  readonly directory: RuntimeDirectory["Service"]
  readonly drains: Drains["Service"]
  readonly instances: Effect.Success<typeof makeInstances>
  readonly journal: Journal["Service"]
  readonly liveness: Liveness.Liveness["Service"]
  readonly logSlow: Effect.Success<typeof makeSlowLog>
  readonly metrics: ServerMetrics["Service"]
  readonly oneAtATime: ReturnType<typeof makeOneAtATime>
  readonly store: RequestStore.RequestStore["Service"]
  readonly wake: Wake.Wake["Service"]
}

/** One beat in progress. */
interface Beat {
  readonly id: Runtime.RuntimeId
  readonly batches: boolean
  readonly via: Runtime.Transport
  readonly clock: Clock.Clock
  readonly parts: BeatParts
}

const makeBeat =
  (needs: Needs): Heartbeat["Service"]["beat"] => (credential, id, batches, by = "socket", instance = "") =>
    Effect.flatMap(Clock.Clock, (clock) => {
      const parts = newParts()
      const start = clock.currentTimeMillisUnsafe()
      const end = (outcome: BeatOutcome) => {
        const total = clock.currentTimeMillisUnsafe() - start
        needs.metrics.beatSeconds[by](total / 1_000)
        needs.metrics.beats[by][outcome]()
        return needs.logSlow(id, by, total, parts, outcome)
      }
      const via = by === "http" ? "beat" : "socket"
      return signOfLife(needs, credential, { id, batches, via, clock, parts }, by, instance).pipe(
        Effect.tap(() => end("ok")),
        Effect.tapError((error) => end(outcomeOf(error)))
      )
    })

const makeCollect = (needs: Needs): Heartbeat["Service"]["collect"] =>
  Effect.fnUntraced(function*(id, batches) {
    const { logSlow, metrics } = needs
    const clock = yield* Clock.Clock
    const parts = newParts()
    const start = clock.currentTimeMillisUnsafe()
    metrics.wakesReceived()
    const work = yield* pickUp(needs, { id, batches, via: "socket", clock, parts }, true)
    metrics.pickups.wake(work.length)
    yield* logSlow(id, "wake", clock.currentTimeMillisUnsafe() - start, parts, "ok")
    return work
  })

/** Checks the caller, records the beat, and then picks up work. */
const signOfLife = Effect.fnUntraced(function*(
  needs: Needs,
  credential: Identity.Credential,
  beat: Beat,
  by: BeatTransport,
  instance: string
) {
  const { instances, journal, liveness, metrics, wake } = needs
  const { clock, id, parts, via } = beat
  const runtime = yield* judgeAccess(needs, credential, beat)
  yield* instances.judge(runtime, instance)
  const entered = clock.currentTimeMillisUnsafe()
  yield* liveness.beat(runtime).pipe(
    Effect.mapError((cause) => WireError.fault("heartbeat failed", cause)),
    Effect.ensuring(Effect.sync(() => {
      parts.liveness = clock.currentTimeMillisUnsafe() - entered
    }))
  )
  // Open console pages show immediately that the runtime is online again.
  if (runtime.status !== "online") yield* wake.publish(Wake.topic.workspace(runtime.workspaceId))
  journal.beat(id, via, entered)
  const work = yield* pickUp(needs, beat, false)
  if (work.length > 0) {
    metrics.pickups[by](work.length)
    if (by === "socket") metrics.wakesMissed(work.length)
  }
  return work
})

const judgeAccess = ({ access }: Needs, credential: Identity.Credential, { clock, id, parts }: Beat) =>
  Effect.suspend(() => {
    const start = clock.currentTimeMillisUnsafe()
    const onLookup = () => {
      parts.lookup = clock.currentTimeMillisUnsafe() - start
    }
    return Effect.ensuring(
      access.runtime(credential, id, onLookup),
      Effect.sync(() => {
        parts.access = clock.currentTimeMillisUnsafe() - start
      })
    )
  })

/**
 * Probes and claims, one at a time per runtime. While another runs, a wake waits for its end (`waits`); a beat returns
 * none, since the daemon beats again.
 */
const pickUp = (needs: Needs, beat: Beat, waits: boolean) =>
  needs.oneAtATime(beat.id, waits, probeAndClaim(needs, beat), underWay(needs))

const underWay = ({ metrics }: Needs) =>
  Effect.sync(() => {
    metrics.probes.under_way()
    return none
  })

const probeAndClaim = (needs: Needs, beat: Beat) =>
  Effect.suspend(() => {
    const { drains, metrics } = needs
    const { batches, clock, parts } = beat
    const start = clock.currentTimeMillisUnsafe()
    return Effect.flatMap(probe(needs, beat), (kinds) => {
      parts.probe = clock.currentTimeMillisUnsafe() - start
      metrics.probeSeconds(parts.probe / 1_000)
      const { failed, nothing: empty, timed_out, work } = metrics.probes
      if (kinds.length === 0) {
        const count = parts.probeTimedOut ? timed_out : parts.probeFailed ? failed : empty
        count()
        return nothing
      }
      work()
      const table = batches ? wantedBatch : wantedSingle
      const wanted = kinds.flatMap((kind) => table.get(kind) ?? [])
      if (wanted.length === 0) return nothing
      return Effect.flatMap(drains.holds(beat.id), (held) => held ? nothing : claim(needs, beat, wanted))
    })
  })

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
const claim = (needs: Needs, beat: Beat, wanted: ReadonlyArray<RequestStore.Wanted>) =>
  Effect.suspend(() => {
    const { clock, parts } = beat
    const start = clock.currentTimeMillisUnsafe()
    parts.claimByKind = {}
    const all = wanted.length === 1
      ? claimKind(needs, beat, wanted[0]!)
      : Effect.map(
        Effect.forEach(wanted, (one) => claimKind(needs, beat, one), { concurrency: "unbounded" }),
        (claimed) => claimed.flat()
      )
    return Effect.tap(all, () =>
      Effect.sync(() => {
        parts.claim = clock.currentTimeMillisUnsafe() - start
      }))
  })

/** Has no timeout: what was claimed must reach the daemon. The store's observer reports a failure. */
const claimKind = (needs: Needs, { clock, id, parts, via }: Beat, wanted: RequestStore.Wanted) =>
  Effect.suspend(() => {
    const { directory, journal, metrics, store, wake } = needs
    const start = clock.currentTimeMillisUnsafe()
    return store.claim(id, [wanted]).pipe(
      Effect.tap((claimed) => journal.delivered(directory.known(id)?.workspaceId, claimed, via)),
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
