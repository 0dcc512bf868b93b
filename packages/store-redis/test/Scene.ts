import { type RequestKind, RequestStore, Runtime, type Store, Uuid } from "@muster/domain"
import { onMachineClock } from "@muster/kit"
import { RedisConnection, RequestStoreRedis } from "@muster/store-redis"
import { type RedisError, RedisServer } from "@muster/store-suite"
import { Context, Effect, Layer, Redacted, Schedule } from "effect"
import { built } from "./Backend.ts"

export const freshRuntime = Effect.map(Uuid.random, (id) => Runtime.RuntimeId.make(id))

export const wanted = (
  kind: RequestKind.RequestKind,
  max = 1
): ReadonlyArray<RequestStore.Wanted> => [{ kind: kind.name, max }]

export const completed = { _tag: "Completed", result: { models: [] } } as const

/** A Redis of the test's own. */
export const ownServer = Effect.mapError(built(RedisServer, RedisServer.layer), (error: RedisError) => error)

/** One replica on this server: its connection and its request store. */
export const replica = Effect.fnUntraced(function*(url: string, prefix = "muster:") {
  const layer = Layer.provideMerge(
    RequestStoreRedis.layer,
    RedisConnection.layer({ url: Redacted.make(url), prefix })
  )
  const context = yield* Layer.build(Layer.fresh(layer))
  return { connection: Context.get(context, RedisConnection), store: Context.get(context, RequestStore.RequestStore) }
})

/** Makes a request of this kind. */
export const ask = (
  store: RequestStore.RequestStore["Service"],
  kind: RequestKind.RequestKind,
  runtimeId: Runtime.RuntimeId
) =>
  Effect.map(
    Effect.orDie(store.create({ kind, runtimeId, payload: { question: [] }, by: null })),
    ({ request }) => request
  )

/** As a beat does: repeats until the store answers. */
export const untilItAnswers = <A>(
  call: Effect.Effect<A, Store.StoreUnavailable>
): Effect.Effect<A, Store.StoreUnavailable> => onMachineClock(Effect.retry(call, Schedule.spaced("20 millis")))
