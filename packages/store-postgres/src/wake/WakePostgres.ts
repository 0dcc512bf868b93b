import { PgClient } from "@effect/sql-pg"
import { type Store, Uuid, Wake } from "@muster/domain"
import { onMachineClock } from "@muster/kit"
import { WakeListeners } from "@muster/store-kit"
import { Context, Deferred, type Duration, Effect, Layer, Queue, type Redacted } from "effect"
import { asOperation } from "../client/Operation.ts"
import { PostgresClient } from "../client/PostgresClient.ts"
import { keepListening } from "./ListenConnection.ts"
import { channel, payloadsOf, readPayload } from "./Notification.ts"
import { WakesReceived } from "./WakesReceived.ts"

/** The maximum number of wakes that wait to be sent; in a flood the oldest are dropped. */
const mostUnsent = 4_096

/** The maximum duration of a send; then these wakes are dropped. */
const sendingDeadline = "2 seconds"

/** How long the layer's build waits at most until it listens; then it continues without. */
const firstDeadline = "5 seconds"

export interface WakeOptions {
  /** How often the arrival of notifications is checked; 30 s by default. */
  readonly check?: Duration.Input
  /** A URL of the same database without a pooler, for LISTEN. The client's by default. */
  readonly directUrl?: Redacted.Redacted | undefined
}

/** The client for LISTEN. */
const earOf = (sql: PgClient.PgClient, directUrl: Redacted.Redacted | undefined) =>
  directUrl === undefined
    ? Effect.succeed(sql)
    : Effect.map(
      Layer.build(Layer.fresh(PostgresClient.layer({ url: directUrl, maxConnections: 1 }))),
      (context) => Context.get(context, PgClient.PgClient)
    )

const make = Effect.fnUntraced(function*(listeners: WakeListeners, { check = "30 seconds", directUrl }: WakeOptions) {
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
    // Local subscribers were notified directly.
    if (sender !== self) { for (const topic of topics) listeners.wake(topic) }
  }

  // Wakes published while one notification is sent are combined in the next.
  yield* Effect.forkScoped(Effect.forever(Effect.flatMap(Queue.takeAll(unsent), (topics) => send(new Set(topics)))))
  const tell = (news: string | undefined) => void (trouble = news)
  yield* Effect.forkScoped(keepListening(ear, { onNotification: hear, check, onChange: tell, echo: send([]) }, first))
  yield* Deferred.await(first).pipe(Effect.timeoutOption(firstDeadline), onMachineClock)

  const wake = Wake.make({
    publish: (topic) =>
      Effect.sync(() => {
        listeners.wake(topic)
        Queue.offerUnsafe(unsent, topic)
      }),
    listen: (topics, onWake) =>
      Effect.sync(() => {
        listeners.add(topics, onWake)
        return Effect.sync(() => listeners.delete(topics, onWake))
      })
  })
  return Context.make(Wake.Wake, wake).pipe(
    Context.add(WakesReceived, WakesReceived.of({ trouble: Effect.sync(() => trouble) }))
  )
})

const layerOn = (
  listeners: WakeListeners,
  options: WakeOptions = {}
): Layer.Layer<WakesReceived | Wake.Wake, Store.StoreUnavailable, PgClient.PgClient> =>
  Layer.effectContext(make(listeners, options))

/**
 * Wakes over LISTEN/NOTIFY of PostgreSQL or PGlite, on one connection of the client's pool per replica. Local
 * subscribers are notified immediately, other replicas by one notification for all wakes that arrived while the
 * previous one was sent.
 *
 * One channel for all topics, and each replica filters: PostgreSQL wakes every listening session of the database at
 * every notification on any channel, so a channel per topic would save only the bytes to the client, and would cost two
 * more transactions for every short-lived topic.
 */
export const WakePostgres = {
  layer: Layer.suspend(() => layerOn(new WakeListeners())),
  layerWith: (options: WakeOptions) => Layer.suspend(() => layerOn(new WakeListeners(), options)),
  /** A node whose subscribers the caller can count. */
  layerOn
}
