import { PgClient } from "@effect/sql-pg"
import { type Store, Uuid, Wake } from "@muster/domain"
import { onMachineClock } from "@muster/kit"
import { Context, Deferred, type Duration, Effect, Layer, Queue, type Redacted } from "effect"
import { asOperation } from "../client/Operation.ts"
import { PostgresClient } from "../client/PostgresClient.ts"
import { HintsHeard } from "./HintsHeard.ts"
import { keepListening } from "./ListenConnection.ts"
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
  /** Leads to the same database, not through a pooler: what is heard is heard through it. The client's unless given. */
  readonly directUrl?: Redacted.Redacted | undefined
}

/** The client to hear through. */
const earOf = (sql: PgClient.PgClient, directUrl: Redacted.Redacted | undefined) =>
  directUrl === undefined
    ? Effect.succeed(sql)
    : Effect.map(
      Layer.build(Layer.fresh(PostgresClient.layer({ url: directUrl, maxConnections: 1 }))),
      (context) => Context.get(context, PgClient.PgClient)
    )

const make = Effect.fnUntraced(function*(listeners: Listeners, { check = "30 seconds", directUrl }: WakeOptions) {
  const sql = yield* PgClient.PgClient
  const ear = yield* earOf(sql, directUrl)
  let trouble: string | undefined
  const self = (yield* Uuid.random).slice(0, 8)
  const unsent = yield* Queue.sliding<Wake.Topic>(mostUnsent)
  const first = yield* Deferred.make<void>()

  const send = (topics: Iterable<Wake.Topic>) =>
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
  const tell = (news: string | undefined) => void (trouble = news)
  yield* Effect.forkScoped(keepListening(ear, { onNotification: hear, check, onChange: tell, echo: send([]) }, first))
  yield* Deferred.await(first).pipe(Effect.timeoutOption(firstDeadline), onMachineClock)

  const wake = Wake.Wake.of({
    publish: (topic) =>
      Effect.sync(() => {
        listeners.wake(topic)
        Queue.offerUnsafe(unsent, topic)
      }),
    subscribe: (topics) =>
      Effect.acquireRelease(
        Effect.tap(
          Queue.sliding<Wake.Topic>(Wake.capacity),
          (queue) => Effect.sync(() => listeners.add(topics, queue))
        ),
        (queue) => Effect.andThen(Effect.sync(() => listeners.delete(topics, queue)), Queue.shutdown(queue))
      )
  })
  return Context.make(Wake.Wake, wake).pipe(
    Context.add(HintsHeard, HintsHeard.of({ trouble: Effect.sync(() => trouble) }))
  )
})

const layerOn = (
  listeners: Listeners,
  options: WakeOptions = {}
): Layer.Layer<HintsHeard | Wake.Wake, Store.StoreUnavailable, PgClient.PgClient> =>
  Layer.effectContext(make(listeners, options))

/**
 * Hints over LISTEN/NOTIFY of PostgreSQL or PGlite, on one connection of the client's pool per replica. A replica's own
 * listeners are woken at once, the others' by one notification for all hints that came while the one before was sent.
 *
 * One channel for all topics, and each replica picks those it holds: PostgreSQL wakes every listening session of the
 * database at every notification whatever its channel, so a channel per topic would save only the bytes to the client,
 * and would cost two more transactions for every topic that is held for a moment.
 */
export const WakePostgres = {
  layer: Layer.suspend(() => layerOn(new Listeners())),
  layerWith: (options: WakeOptions) => Layer.suspend(() => layerOn(new Listeners(), options)),
  /** A node whose listeners somebody else counts. */
  layerOn
}
