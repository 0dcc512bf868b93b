import type { Store } from "@muster/domain"
import { Conditions, onMachineClock } from "@muster/kit"
import { Context, Duration, Effect, Layer, type Redacted, type Scope } from "effect"
import type { Redis } from "ioredis"
import { watchMemory } from "./MemoryWatch.ts"
import { mastersOf, type NatMap, openBus, openCommands, type RedisClient } from "./RedisClient.ts"
import { RedisGuard } from "./RedisGuard.ts"
import { readRedisUrl, type RedisUrlInvalid } from "./RedisUrl.ts"
import { makeReports } from "./Reports.ts"
import { RedisTooOld, unfitOf } from "./Version.ts"

export interface RedisOptions {
  /** `redis://`, `redis+sentinel://` or `redis+cluster://`, `rediss…` for TLS; see `RedisUrl.ts`. */
  readonly url: Redacted.Redacted
  /** The prefix of every key and channel; `muster:` by default. Braces in it would move every runtime to one slot. */
  readonly prefix?: string
  /** The maximum duration of an operation; 1 s by default. */
  readonly deadline?: Duration.Input
  /** The interval of the checks of memory and eviction policy; 30 s by default. */
  readonly lookEvery?: Duration.Input
  /** The addresses of a cluster's nodes from here, if they differ from those that the cluster reports. */
  readonly natMap?: NatMap
}

/** How long a new client waits for its first connection before it continues without one. */
const firstConnection = "3 seconds"

/** The lifetime (ms) of the key that shows whether Redis takes writes. */
const probeLife = 60_000

/** Ends with the scope: commands in flight get a moment to be answered. */
const closing = <A extends RedisClient>(client: A): Effect.Effect<A, never, Scope.Scope> =>
  Effect.acquireRelease(Effect.succeed(client), () =>
    Effect.promise(() => client.quit().catch(() => undefined)).pipe(
      Effect.timeoutOption("1 second"),
      Effect.andThen(Effect.sync(() => client.disconnect())),
      onMachineClock
    ))

const make = Effect.fnUntraced(function*(options: RedisOptions) {
  const { natMap = {}, prefix = "muster:", url } = options
  const target = yield* readRedisUrl(url)
  const deadline = Duration.toMillis(Duration.fromInputUnsafe(options.deadline ?? "1 second"))
  const conditions = yield* Conditions.orOwn

  /** Opens a client: it connects, reconnects and never throws, whatever state Redis is in. */
  const open = Effect.fnUntraced(function*<A extends RedisClient>(client: A, onFault: (cause: unknown) => void) {
    client.on("error", onFault)
    yield* closing(client)
    // After a failed or timed-out first attempt, the client continues to try.
    yield* Effect.promise(() => client.connect().catch(() => undefined)).pipe(
      Effect.timeoutOption(firstConnection),
      onMachineClock
    )
    return client
  })

  const { remember, ...reports } = yield* makeReports(conditions)
  const commands = openCommands(target, deadline, natMap)
  const guard = new RedisGuard(commands, deadline, reports)
  const judge = Effect.map(Effect.promise(() => unfitOf(mastersOf(commands))), (reason) => {
    guard.unfit = reason
  })
  yield* open(commands, remember)
  if (guard.isReady) yield* judge
  if (guard.unfit !== undefined) return yield* new RedisTooOld({ message: guard.unfit })
  // The next connection may lead to another server.
  const run = Effect.runForkWith(yield* Effect.context<never>())
  commands.on("ready", () => run(judge))

  const probe = `${prefix}probe`
  return RedisConnection.of({
    prefix,
    commands,
    guard,
    ready: guard.ready,
    takesWrites: Effect.asVoid(
      guard.pass("RedisConnection.takesWrites", probe, () => commands.set(probe, "", "PX", probeLife))
    ),
    risk: Effect.sync(yield* watchMemory(commands, conditions, options.lookEvery ?? "30 seconds")),
    openBus: Effect.suspend(() => open(openBus(target, deadline, natMap), () => undefined))
  })
})

/** The connection of one replica to Redis, however many servers that is. Every store on Redis goes through it. */
export class RedisConnection extends Context.Service<RedisConnection, {
  readonly prefix: string
  /** For use within `guard` only. */
  readonly commands: RedisClient
  readonly guard: RedisGuard
  /** Waits until there is a connection. */
  readonly ready: Effect.Effect<void>
  /** Writes a key, to learn whether Redis takes writes. Of a cluster: the one node that has this key. */
  readonly takesWrites: Effect.Effect<void, Store.StoreUnavailable>
  /**
   * What is wrong with the memory of Redis, as a sentence with what to do, from the latest check; undefined: nothing.
   */
  readonly risk: Effect.Effect<string | undefined>
  /** One more connection, for wakes: to one server, or to another one if that is lost and there are more. */
  readonly openBus: Effect.Effect<Redis, never, Scope.Scope>
}>()("@muster/store-redis/connection/RedisConnection") {
  /**
   * Builds within 3 s even if Redis is down: operations are unavailable until it is up. Fails for an invalid URL, and
   * for a server that answers and is older than version 7.
   */
  static readonly layer = (options: RedisOptions): Layer.Layer<RedisConnection, RedisUrlInvalid | RedisTooOld> =>
    Layer.effect(RedisConnection, make(options))
}
