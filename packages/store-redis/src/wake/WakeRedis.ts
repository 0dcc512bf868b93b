import { Wake } from "@muster/domain"
import { onMachineClock } from "@muster/kit"
import { Effect, Layer, Schedule } from "effect"
import { Cluster, type Redis, ReplyError } from "ioredis"
import { faultOf } from "../connection/Fault.ts"
import { RedisConnection } from "../connection/RedisConnection.ts"
import { Subscriptions } from "./Subscriptions.ts"

/** The maximum number of wakes in flight to Redis; one more is dropped. */
const mostUnderWay = 10_000

/** How long a subscription waits at most until Redis has taken it. */
const timeout = "1 second"

/** How often a connection is checked: whether it works, and leads to a server that takes writes. */
const askEvery = "5 seconds"

/** The lifetime (ms) of the key of this check. */
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
   * Logs once that Redis answers and refuses, for example a user without rights on channels, and once that it no longer
   * does. Nothing else would show why work waits for beats. A lost connection is reported where it is used for more.
   */
  const note = (what: string, cause?: unknown): void => {
    const isRefusal = cause instanceof Error && cause instanceof ReplyError
    if ((cause !== undefined && !isRefusal) || refused.has(what) === isRefusal) return
    if (isRefusal) refused.add(what)
    else refused.delete(what)
    run(
      isRefusal
        ? Effect.logWarning(`Redis refuses to ${what} wakes, so work waits for the next beat: ${cause.message}`)
        : Effect.logInfo(`Redis no longer refuses to ${what} wakes`)
    )
  }
  const subscriptions = new Subscriptions(receiver, channels, (cause) => note("subscribe to", cause))
  let underWay = 0

  // A message published at a replica reaches only its own subscribers, and no write would show that it is a replica.
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
  return Wake.make({
    publish: (topic) => Effect.sync(() => publish(topic)),
    listen: (topics, onWake) =>
      Effect.as(
        taken(() => subscriptions.listen(topics, onWake)),
        taken(() => subscriptions.leave(topics, onWake))
      )
  })
})

/**
 * Wakes over Redis pub/sub: a channel for each topic, one connection to subscribe and one to publish. On a cluster they
 * are plain channels, not sharded ones: sharded ones would need a connection to each node and new subscriptions
 * whenever a slot moves, and wakes of different topics would arrive out of order; they would save only a few dozen
 * bytes between the nodes.
 */
export const WakeRedis = {
  layer: Layer.effect(Wake.Wake, make) satisfies Layer.Layer<Wake.Wake, never, RedisConnection>
}
