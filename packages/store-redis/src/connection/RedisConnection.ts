import type { StoreUnavailable } from "@muster/domain"
import { Context, Duration, Effect, Layer, type Redacted, type Scope } from "effect"
import type { Redis } from "ioredis"
import { Gate, type Tell } from "./Gate.ts"
import { type NatMap, openBus, openCommands, type RedisClient } from "./RedisClient.ts"
import { readRedisUrl, type RedisUrlInvalid } from "./RedisUrl.ts"
import { onWallClock } from "./WallClock.ts"

export interface RedisOptions {
  /** `redis://`, `redis+sentinel://` or `redis+cluster://`, `rediss…` for TLS; see `RedisUrl.ts`. */
  readonly url: Redacted.Redacted
  /** What every key and channel begins with; `muster:` unless given. Braces in it would move every runtime to one slot. */
  readonly prefix?: string
  /** The longest that an operation takes; 1 s unless given. */
  readonly deadline?: Duration.Input
  /** Where the nodes of a cluster are from here, if not where the cluster says. */
  readonly natMap?: NatMap
}

/** How long a new client may take for its first connection before it is there without one. */
const firstConnection = "3 seconds"

/** Ends with the scope: what is under way gets a moment to be answered. */
const closing = <A extends RedisClient>(client: A): Effect.Effect<A, never, Scope.Scope> =>
  Effect.acquireRelease(Effect.succeed(client), () =>
    Effect.promise(() => client.quit().catch(() => undefined)).pipe(
      Effect.timeoutOption("1 second"),
      Effect.andThen(Effect.sync(() => client.disconnect())),
      onWallClock
    ))

const make = Effect.fnUntraced(function*(options: RedisOptions) {
  const { natMap = {}, prefix = "muster:", url } = options
  const target = yield* readRedisUrl(url)
  const deadline = Duration.toMillis(Duration.fromInputUnsafe(options.deadline ?? "1 second"))
  const run = Effect.runForkWith(yield* Effect.context<never>())

  /** Opens a client: it connects, reconnects and never throws, whatever Redis does. */
  const open = Effect.fnUntraced(function*<A extends RedisClient>(client: A, onFault: (cause: unknown) => void) {
    client.on("error", onFault)
    yield* closing(client)
    // Whether the first attempt fails or hangs, the client goes on trying.
    yield* Effect.promise(() => client.connect().catch(() => undefined)).pipe(
      Effect.timeoutOption(firstConnection),
      onWallClock
    )
    return client
  })

  let lastFault: unknown
  const remember = (cause: unknown) => {
    lastFault = cause
  }
  const away = new Set<string>()
  /** Which server it is, and why, once: that the stores do not answer is said, and said again, by whoever asks them. */
  const tell: Tell = (server, failures, cause) => {
    const known = away.has(server)
    if (failures === 0) away.delete(server)
    else away.add(server)
    const line = failures === 0
      ? Effect.logDebug("Redis answers again")
      : Effect.logWithLevel(known ? "Debug" : "Warn")("Redis does not answer", lastFault ?? cause)
    run(Effect.annotateLogs(line, { server, failures }))
  }

  const commands = openCommands(target, deadline, natMap)
  const gate = new Gate(commands, deadline, tell)
  yield* open(commands, remember)

  return RedisConnection.of({
    prefix,
    commands,
    gate,
    ready: gate.ready,
    ping: gate.pass("RedisConnection.ping", prefix, () => commands.ping()),
    openBus: Effect.suspend(() => open(openBus(target, deadline, natMap), () => undefined))
  })
})

/** The connection of one replica to Redis, however many servers that is. Every store on Redis goes through it. */
export class RedisConnection extends Context.Service<RedisConnection, {
  readonly prefix: string
  /** For use within `gate` only. */
  readonly commands: RedisClient
  readonly gate: Gate
  /** Waits until there is a connection. */
  readonly ready: Effect.Effect<void>
  /** Whether Redis answers. Of a cluster: the one node that has the prefix as a key. */
  readonly ping: Effect.Effect<unknown, StoreUnavailable>
  /** One more connection, for hints: to one server, and to another one where that is lost and there are more. */
  readonly openBus: Effect.Effect<Redis, never, Scope.Scope>
}>()("@muster/store-redis/connection/RedisConnection") {
  /** Builds with Redis dead too, within 3 s: operations are unavailable until it is there. Fails only for a bad URL. */
  static readonly layer = (options: RedisOptions): Layer.Layer<RedisConnection, RedisUrlInvalid> =>
    Layer.effect(RedisConnection, make(options))
}
