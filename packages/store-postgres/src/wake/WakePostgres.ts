import { PgClient } from "@effect/sql-pg"
import { randomUuid, type Topic, Wake, wakeCapacity } from "@muster/domain"
import { Deferred, type Duration, Effect, Layer, Queue } from "effect"
import { asOperation } from "../client/Operation.ts"
import { onWallClock } from "../client/WallClock.ts"
import { hearing } from "./Hearing.ts"
import { Listeners } from "./Listeners.ts"
import { channel, payloadsOf, readPayload } from "./Notification.ts"

/** The most hints that wait to be sent; under a flood the oldest are lost. */
const mostUnsent = 4_096

/** The longest that sending may take; then these hints are lost. */
const sendingDeadline = "2 seconds"

/** The longest that the layer's build waits until it hears; it goes on alone then. */
const firstDeadline = "5 seconds"

export interface WakeOptions {
  /** How often it is checked that notifications still come through; 30 s unless given. */
  readonly check?: Duration.Input
}

const make = Effect.fnUntraced(function*(listeners: Listeners, { check = "30 seconds" }: WakeOptions) {
  const sql = yield* PgClient.PgClient
  const self = (yield* randomUuid).slice(0, 8)
  const unsent = yield* Queue.sliding<Topic>(mostUnsent)
  const first = yield* Deferred.make<void>()

  const send = (topics: Iterable<Topic>) =>
    sql`SELECT pg_notify(${channel}, payload) FROM unnest(${[...payloadsOf(self, topics)]}::text[]) AS payload`.pipe(
      asOperation("Wake.publish", sendingDeadline),
      Effect.ignore
    )
  const hear = (payload: string) => {
    const { sender, topics } = readPayload(payload)
    // Its own listeners were woken directly.
    if (sender !== self) { for (const topic of topics) listeners.wake(topic) }
  }

  // Whatever is published while one notification is under way leaves together with the next.
  yield* Effect.forkScoped(Effect.forever(Effect.flatMap(Queue.takeAll(unsent), (topics) => send(new Set(topics)))))
  yield* Effect.forkScoped(hearing(sql, { hear, check, echo: send([]) }, first))
  yield* Deferred.await(first).pipe(Effect.timeoutOption(firstDeadline), onWallClock)

  return Wake.of({
    publish: (topic) =>
      Effect.sync(() => {
        listeners.wake(topic)
        Queue.offerUnsafe(unsent, topic)
      }),
    subscribe: (topics) =>
      Effect.acquireRelease(
        Effect.tap(Queue.sliding<Topic>(wakeCapacity), (queue) => Effect.sync(() => listeners.add(topics, queue))),
        (queue) => Effect.andThen(Effect.sync(() => listeners.delete(topics, queue)), Queue.shutdown(queue))
      )
  })
})

/**
 * Hints over LISTEN/NOTIFY of PostgreSQL or PGlite, on one connection of the client's pool per replica. A replica's own
 * listeners are woken at once, the others' by one notification for all hints that came while the one before was sent.
 *
 * One channel for all topics, and each replica picks those it holds: PostgreSQL wakes every listening session of the
 * database at every notification whatever its channel, so a channel per topic would save only the bytes to the client,
 * and would cost two more transactions for every topic that is held for a moment.
 */
export const WakePostgres = {
  layer: Layer.effect(Wake, Effect.suspend(() => make(new Listeners(), {}))) satisfies Layer.Layer<
    Wake,
    never,
    PgClient.PgClient
  >,
  /** A node whose listeners somebody else counts. */
  layerOn: (listeners: Listeners, options: WakeOptions = {}): Layer.Layer<Wake, never, PgClient.PgClient> =>
    Layer.effect(Wake, make(listeners, options))
}
