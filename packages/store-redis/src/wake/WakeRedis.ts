import { Wake } from "@muster/domain"
import { onMachineClock } from "@muster/kit"
import { Effect, Layer, Queue, Schedule } from "effect"
import { Cluster, type Redis, ReplyError } from "ioredis"
import { faultOf } from "../connection/Fault.ts"
import { RedisConnection } from "../connection/RedisConnection.ts"
import { Subscriptions } from "./Subscriptions.ts"

/** How many hints may be on their way to Redis; one more is lost. */
const mostUnderWay = 10_000

/** The longest that a subscription waits until Redis has taken it. */
const timeout = "1 second"

/** How often a connection is asked whether it still is one, and leads to a server that takes writes. */
const askEvery = "5 seconds"

/** How long (ms) the key lives that this is asked by. */
const probeLife = 60_000

const taken = (told: () => Promise<unknown>) =>
  Effect.promise(told).pipe(Effect.timeoutOption(timeout), Effect.asVoid, onMachineClock)

const make = Effect.gen(function*() {
  const { commands, openBus, prefix } = yield* RedisConnection
  const channels = `${prefix}wake:`
  const sender = yield* openBus
  const receiver = yield* openBus
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const refused = new Set<string>()
  /**
   * Says once that Redis answers and refuses, as to a user without rights on channels, and once that it no longer does:
   * nothing else would tell why work waits for beats. A connection that is lost is told of where it is used for more.
   */
  const note = (what: string, cause?: unknown): void => {
    const isRefusal = cause instanceof Error && cause instanceof ReplyError
    if ((cause !== undefined && !isRefusal) || refused.has(what) === isRefusal) return
    if (isRefusal) refused.add(what)
    else refused.delete(what)
    run(
      isRefusal
        ? Effect.logWarning(`Redis refuses to ${what} hints, so work waits for the next beat: ${cause.message}`)
        : Effect.logInfo(`Redis no longer refuses to ${what} hints`)
    )
  }
  const subscriptions = new Subscriptions(receiver, channels, (cause) => note("subscribe to", cause))
  let underWay = 0

  // What is published at a replica reaches its own subscribers alone, and no write would ever say that it is one.
  const ask = (bus: Redis): Promise<unknown> =>
    (commands instanceof Cluster ? bus.ping() : bus.set(`${prefix}probe`, "", "PX", probeLife)).catch((cause) => {
      if (faultOf(cause) === "notServing" && bus.status === "ready") bus.disconnect(true)
    })
  const askBoth = () => Promise.all([ask(sender), ask(receiver)])
  yield* Effect.acquireRelease(
    Effect.sync(() => void commands.on("ready", askBoth)),
    () => Effect.sync(() => void commands.off("ready", askBoth))
  )
  yield* Effect.promise(askBoth).pipe(Effect.schedule(Schedule.spaced(askEvery)), onMachineClock, Effect.forkScoped)

  const publish = (topic: Wake.Topic): void => {
    if (sender.status !== "ready" || underWay >= mostUnderWay) return
    underWay++
    sender.publish(channels + topic, "").then(() => note("publish"), (cause: unknown) => note("publish", cause))
      .finally(
        () => {
          underWay--
        }
      )
  }
  return Wake.Wake.of({
    publish: (topic) => Effect.sync(() => publish(topic)),
    subscribe: (topics) =>
      Effect.acquireRelease(
        Effect.tap(
          Queue.sliding<Wake.Topic>(Wake.capacity),
          (queue) => taken(() => subscriptions.listen(topics, queue))
        ),
        (queue) => Effect.andThen(taken(() => subscriptions.leave(topics, queue)), Queue.shutdown(queue))
      )
  })
})

/**
 * Hints over Redis pub/sub: a channel for each topic, one connection to listen on and one to speak. On a cluster they are
 * plain channels, not sharded ones: sharded ones would take a connection to each node and new subscriptions whenever a
 * slot moves, and hints about different topics would not arrive in their order; what they save is a few dozen bytes
 * between the nodes.
 */
export const WakeRedis = {
  layer: Layer.effect(Wake.Wake, make) satisfies Layer.Layer<Wake.Wake, never, RedisConnection>
}
