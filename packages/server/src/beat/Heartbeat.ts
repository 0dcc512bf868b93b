import {
  Conditions,
  type Conflict,
  type Credential,
  eachOf,
  Liveness,
  type Request,
  requestKinds,
  RequestStore,
  type RuntimeId,
  type ServerFault,
  topic,
  type Transport as Via,
  Wake,
  type Wanted,
  type WireError,
  wireError
} from "@muster/domain"
import { Cause, Clock, Context, Duration, Effect, Layer } from "effect"
import { Journal } from "../journal/Journal.ts"
import { type BeatOutcome, ServerMetrics, type Transport } from "../metrics/ServerMetrics.ts"
import { type Denied, RuntimeAccess } from "../runtime/RuntimeAccess.ts"
import { RuntimeDirectory } from "../runtime/RuntimeDirectory.ts"
import { type BeatParts, makeSlowLog, newParts } from "./BeatParts.ts"
import { makeInstances } from "./Instances.ts"
import { makeOneAtATime } from "./oneAtATime.ts"
import { within } from "./within.ts"

/** The longest that the look for work may hold up a beat. */
const probeBound = Duration.seconds(1)

const none: ReadonlyArray<Request> = []
const nothing = Effect.succeed(none)

/** What a claim takes per beat: one of a kind, or the kind's batch for a daemon that reads batches. */
const wantedOf = (batches: boolean): ReadonlyMap<string, Wanted> =>
  new Map(requestKinds.map((kind) => [
    kind.name,
    { kind: kind.name, most: batches ? kind.batch?.most ?? 1 : 1 }
  ]))
const wantedSingle = wantedOf(false)
const wantedBatch = wantedOf(true)

/** What a beat that failed with this counts as. */
export const outcomeOf = ({ code, name }: WireError): BeatOutcome =>
  code === "runtime_not_found" ? "gone" : name === "ServerFault" || name === "Unavailable" ? "fault" : "refused"

/**
 * One beat of one runtime, whatever brought it: access, sign of life, a look for work, the claim. HTTP beats and socket
 * beats call `beat`, wakes call `collect`; nothing of it is written twice.
 */
export class Heartbeat extends Context.Service<Heartbeat, {
  /**
   * Fails where the runtime is provably gone, not the caller's, or where a store cannot answer; never because of
   * requests. Answers the requests that the daemon is to pick up. The look for work is given up after 1 s; a claim is
   * cut by no timer of ours and ends within the request store's own deadline.
   */
  readonly beat: (
    credential: Credential,
    id: RuntimeId,
    batches: boolean,
    by?: Transport,
    /** The daemon's process, as it names itself; see `Instances`. A second machine's beat fails with `second_daemon`. */
    instance?: string
  ) => Effect.Effect<ReadonlyArray<Request>, Denied | ServerFault | Conflict>
  /** The pick-up half of a beat: no sign of life, never fails, empty where the request store cannot answer in 1 s. */
  readonly collect: (id: RuntimeId, batches: boolean) => Effect.Effect<ReadonlyArray<Request>>
}>()("@muster/server/beat/Heartbeat") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const access = yield* RuntimeAccess
      const conditions = yield* Conditions
      const liveness = yield* Liveness
      const metrics = yield* ServerMetrics
      const store = yield* RequestStore
      const wake = yield* Wake
      const journal = yield* Journal
      const directory = yield* RuntimeDirectory
      const instances = yield* makeInstances
      const logSlow = yield* makeSlowLog

      /** Not cut by any timer: what the claim took must reach the daemon. That it failed is said by the store's observer. */
      const claimKind = (id: RuntimeId, wanted: Wanted, via: Via, clock: Clock.Clock, parts: BeatParts) =>
        Effect.suspend(() => {
          const start = clock.currentTimeMillisUnsafe()
          return store.claim(id, [wanted]).pipe(
            Effect.tap((claimed) => journal.delivered(directory.known(id)?.workspaceId, claimed, via)),
            Effect.tap((claimed) =>
              Effect.forEach(claimed, (request) => wake.publish(topic.request(request.id)), { discard: true })
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

      /** One claim per kind, all at once: a kind whose claim fails or is slow does not cost the others their result. */
      const claim = (
        id: RuntimeId,
        wanted: ReadonlyArray<Wanted>,
        via: Via,
        clock: Clock.Clock,
        parts: BeatParts
      ) =>
        Effect.suspend(() => {
          const start = clock.currentTimeMillisUnsafe()
          parts.claimByKind = {}
          const all = wanted.length === 1
            ? claimKind(id, wanted[0]!, via, clock, parts)
            : Effect.map(
              Effect.forEach(wanted, (one) => claimKind(id, one, via, clock, parts), { concurrency: "unbounded" }),
              (claimed) => claimed.flat()
            )
          return Effect.tap(all, () =>
            Effect.sync(() => {
              parts.claim = clock.currentTimeMillisUnsafe() - start
            }))
        })

      const sayBroken = (cause: Cause.Cause<unknown>) =>
        conditions.begin("defect:look", `the look for work broke: ${Cause.pretty(cause)}`, {
          level: "Error",
          lapse: "the look for work no longer breaks"
        })

      /** The kinds that may have something; none where the store does not answer in time, or cannot. */
      const look = (id: RuntimeId, parts: BeatParts): Effect.Effect<ReadonlyArray<string>> =>
        within(store.waiting(id), probeBound, (failed) =>
          Effect.suspend(() => {
            parts.lookTimedOut = failed === undefined
            parts.lookFailed = failed !== undefined
            const broke = failed !== undefined && Cause.hasDies(failed)
            return Effect.as(broke ? sayBroken(failed) : Effect.void, [])
          }))

      const gatherNow = (id: RuntimeId, batches: boolean, via: Via, clock: Clock.Clock, parts: BeatParts) => {
        const start = clock.currentTimeMillisUnsafe()
        return Effect.flatMap(look(id, parts), (kinds) => {
          parts.look = clock.currentTimeMillisUnsafe() - start
          metrics.lookSeconds(parts.look / 1_000)
          const { failed, nothing: empty, timed_out, work } = metrics.looks
          if (kinds.length === 0) {
            const count = parts.lookTimedOut ? timed_out : parts.lookFailed ? failed : empty
            count()
            return nothing
          }
          work()
          const table = batches ? wantedBatch : wantedSingle
          const wanted = kinds.flatMap((kind) => table.get(kind) ?? [])
          return wanted.length === 0 ? nothing : claim(id, wanted, via, clock, parts)
        })
      }

      const turns = makeOneAtATime()
      const underWay = Effect.sync(() => {
        metrics.looks.under_way()
        return none
      })
      const gather = (
        id: RuntimeId,
        batches: boolean,
        via: Via,
        clock: Clock.Clock,
        parts: BeatParts,
        waits: boolean
      ) => turns(id, waits, gatherNow(id, batches, via, clock, parts), underWay)

      const collect = Effect.fnUntraced(function*(id: RuntimeId, batches: boolean) {
        const clock = yield* Clock.Clock
        const parts = newParts()
        const start = clock.currentTimeMillisUnsafe()
        metrics.wakesReceived()
        const work = yield* gather(id, batches, "socket", clock, parts, true)
        metrics.pickups.wake(work.length)
        yield* logSlow(id, "wake", clock.currentTimeMillisUnsafe() - start, parts, "ok")
        return work
      })

      const lives = Effect.fnUntraced(function*(
        credential: Credential,
        id: RuntimeId,
        batches: boolean,
        by: Transport,
        instance: string,
        clock: Clock.Clock,
        parts: BeatParts
      ) {
        const start = clock.currentTimeMillisUnsafe()
        const runtime = yield* access.runtime(credential, id, () => {
          parts.lookup = clock.currentTimeMillisUnsafe() - start
        }).pipe(Effect.ensuring(Effect.sync(() => {
          parts.access = clock.currentTimeMillisUnsafe() - start
        })))
        yield* instances.judge(runtime, instance)
        const entered = clock.currentTimeMillisUnsafe()
        yield* liveness.beat(runtime).pipe(
          Effect.mapError((cause) => wireError.fault("heartbeat failed", cause)),
          Effect.ensuring(Effect.sync(() => {
            parts.liveness = clock.currentTimeMillisUnsafe() - entered
          }))
        )
        // Whoever looks at the workspace sees it come back.
        if (runtime.status !== "online") yield* wake.publish(topic.workspace(runtime.workspaceId))
        const via = by === "http" ? "beat" : "socket"
        journal.beat(id, via, entered)
        const work = yield* gather(id, batches, via, clock, parts, false)
        if (work.length > 0) {
          metrics.pickups[by](work.length)
          if (by === "socket") metrics.wakesMissed(work.length)
        }
        return work
      })

      /** Counts and times a beat however it ended. */
      const ended = (id: RuntimeId, by: Transport, total: number, parts: BeatParts, outcome: BeatOutcome) => {
        metrics.beatSeconds[by](total / 1_000)
        metrics.beats[by][outcome]()
        return logSlow(id, by, total, parts, outcome)
      }

      const beat = (credential: Credential, id: RuntimeId, batches: boolean, by: Transport = "socket", instance = "") =>
        Effect.flatMap(Clock.Clock, (clock) => {
          const parts = newParts()
          const start = clock.currentTimeMillisUnsafe()
          const end = (outcome: BeatOutcome) => ended(id, by, clock.currentTimeMillisUnsafe() - start, parts, outcome)
          return lives(credential, id, batches, by, instance, clock, parts).pipe(
            Effect.tap(() => end("ok")),
            Effect.tapError((error) => end(outcomeOf(error)))
          )
        })

      return Heartbeat.of({ beat, collect })
    })
  )
}
