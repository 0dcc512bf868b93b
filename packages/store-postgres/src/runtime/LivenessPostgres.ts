import { Liveness, LivenessPolicy, Runtime, type RuntimeRegistry } from "@muster/domain"
import { makeSeenBuffer } from "@muster/store-kit"
import { Clock, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { arrayOf } from "../client/ArrayLiteral.ts"
import { asOperation } from "../client/Operation.ts"
import { rowsOf } from "../client/Rows.ts"
import { RecentBeats } from "./RecentBeats.ts"

const ids = rowsOf(Schema.Struct({ id: Runtime.RuntimeId }))

const seenSince = (sql: SqlClient.SqlClient, wanted: ReadonlyArray<Runtime.RuntimeId>, since: number) =>
  ids.all(sql`
    SELECT id FROM runtimes
    WHERE id = ANY(${arrayOf(wanted)}::uuid[]) AND status = 'online' AND last_seen_at >= ${since}`)

const make = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const { ttl } = yield* LivenessPolicy.LivenessPolicy
  const seen = yield* makeSeenBuffer
  const beats = new RecentBeats(ttl)

  return Liveness.Liveness.of({
    beat: (runtime) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        beats.add(runtime.id, now)
        return seen.beat(runtime, now)
      }),
    alive: (wanted) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const own = new Set(wanted.filter((id) => beats.has(id, now)))
        const others = wanted.filter((id) => !own.has(id))
        if (others.length === 0) return Effect.succeed(own)
        return seenSince(sql, others, now - ttl).pipe(
          Effect.map((rows) => new Set([...own, ...rows.map(({ id }) => id)])),
          asOperation("Liveness.alive")
        )
      }),
    forget: (gone) =>
      Effect.sync(() => {
        for (const id of gone) beats.delete(id)
        seen.forget(gone)
      }),
    flush: seen.flush
  })
})

/**
 * Liveness in the table of runtimes itself: this replica's own beats immediately, other replicas' after their bulk
 * writes. Flushes when the scope ends.
 */
export const LivenessPostgres = {
  layer: Layer.effect(Liveness.Liveness, make) satisfies Layer.Layer<
    Liveness.Liveness,
    never,
    RuntimeRegistry.RuntimeRegistry | SqlClient.SqlClient
  >
}
