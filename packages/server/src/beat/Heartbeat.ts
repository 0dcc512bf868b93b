import {
  type Credential,
  Liveness,
  type Request,
  requestKinds,
  RequestStore,
  type RuntimeId,
  type ServerFault,
  topic,
  Wake,
  type Wanted,
  wireError
} from "@muster/domain"
import { Clock, Context, Duration, Effect, Layer } from "effect"
import { type Denied, RuntimeAccess } from "../access/RuntimeAccess.ts"
import { within } from "./within.ts"

/** The longest that the look for work may hold up a beat. */
const probeBound = Duration.seconds(1)

/** A beat that took this long, in ms, is written to the log with its parts. */
const slow = 500

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

/**
 * One beat of one runtime, whatever brought it: access, sign of life, a look for work, the claim. HTTP beats and socket
 * beats call `beat`, wakes call `collect`; nothing of it is written twice.
 */
export class Heartbeat extends Context.Service<Heartbeat, {
  /**
   * Fails where the runtime is provably gone, not the caller's, or where a store cannot answer; never because of
   * requests. Answers the requests that the daemon is to pick up.
   */
  readonly beat: (
    credential: Credential,
    id: RuntimeId,
    batches: boolean
  ) => Effect.Effect<ReadonlyArray<Request>, Denied | ServerFault>
  /** The pick-up half of a beat: no sign of life, never fails, empty where the request store cannot answer in 1 s. */
  readonly collect: (id: RuntimeId, batches: boolean) => Effect.Effect<ReadonlyArray<Request>>
}>()("@muster/server/beat/Heartbeat") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const access = yield* RuntimeAccess
      const liveness = yield* Liveness
      const store = yield* RequestStore
      const wake = yield* Wake

      /** Not cut by any timer: what the claim took must reach the daemon. */
      const claim = (id: RuntimeId, wanted: ReadonlyArray<Wanted>) =>
        store.claim(id, wanted).pipe(
          Effect.tap((claimed) =>
            Effect.forEach(claimed, (request) => wake.publish(topic.request(request.id)), { discard: true })
          ),
          Effect.uninterruptible,
          Effect.catch((error) =>
            Effect.as(Effect.logWarning("claim failed; the beat goes on without it", error), none)
          )
        )

      const collect = (id: RuntimeId, batches: boolean): Effect.Effect<ReadonlyArray<Request>> =>
        Effect.flatMap(probe(id), (kinds) => {
          if (kinds.length === 0) return nothing
          const table = batches ? wantedBatch : wantedSingle
          const wanted = kinds.flatMap((kind) => table.get(kind) ?? [])
          return wanted.length === 0 ? nothing : claim(id, wanted)
        })

      /** The kinds that may have something; none where the store does not answer in time, or cannot. */
      const probe = (id: RuntimeId): Effect.Effect<ReadonlyArray<string>> =>
        within(store.waiting(id), probeBound, (failed) =>
          Effect.as(
            failed === undefined
              ? Effect.logWarning("the look for work timed out; the beat goes on without it").pipe(
                Effect.annotateLogs({ runtime_id: id, probe_bound_ms: Duration.toMillis(probeBound) })
              )
              : Effect.logWarning("the look for work failed; the beat goes on without it", failed),
            []
          ))

      const beat = Effect.fnUntraced(function*(credential: Credential, id: RuntimeId, batches: boolean) {
        const clock = yield* Clock.Clock
        const start = clock.currentTimeMillisUnsafe()
        const runtime = yield* access.runtime(credential, id)
        const entered = clock.currentTimeMillisUnsafe()
        yield* Effect.mapError(liveness.beat(runtime), () => wireError.fault("heartbeat failed"))
        const seen = clock.currentTimeMillisUnsafe()
        const work = yield* collect(id, batches)
        const end = clock.currentTimeMillisUnsafe()
        if (end - start >= slow) {
          yield* Effect.logInfo("slow beat").pipe(Effect.annotateLogs({
            runtime_id: id,
            total_ms: end - start,
            access_ms: entered - start,
            liveness_ms: seen - entered,
            requests_ms: end - seen,
            claimed: work.length
          }))
        }
        return work
      })

      return Heartbeat.of({ beat, collect })
    })
  )
}
