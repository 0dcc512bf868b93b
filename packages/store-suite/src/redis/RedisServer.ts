import { onMachineClock } from "@muster/kit"
import { Context, Effect, Layer, Ref, type Scope, Semaphore } from "effect"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { serverFolder } from "../server/ServerFolder.ts"
import { freePort, tell } from "./Loopback.ts"
import { findRedis } from "./RedisBinary.ts"
import { RedisError } from "./RedisError.ts"
import { launch, type Running } from "./RedisProcess.ts"

/** How long a server may take to start or to end. */
const timeout = "30 seconds"

/** No snapshots; the log has every acknowledged write that the end of the process alone could lose. */
const settings = (port: number, more: ReadonlyArray<string>): string =>
  [
    `port ${port}`,
    "bind 127.0.0.1",
    "save \"\"",
    "appendonly yes",
    "appendfsync no",
    "daemonize no",
    ...more
  ].join("\n")

const inTime = <A>(effect: Effect.Effect<A, RedisError>, what: string): Effect.Effect<A, RedisError> =>
  onMachineClock(Effect.timeoutOrElse(effect, {
    duration: timeout,
    orElse: () => Effect.fail(new RedisError({ message: `Redis ${what} for more than ${timeout}` }))
  }))

/** What a test may do to one server. */
export interface RedisServerControl {
  readonly port: number
  /** Starts the server unless it runs; it accepts connections afterwards. */
  readonly start: Effect.Effect<void, RedisError>
  /** Kills the server (SIGKILL) and waits for its end; acknowledged data remains in its folder. */
  readonly kill: Effect.Effect<void, RedisError>
  /** Kills the server and removes its data. */
  readonly lose: Effect.Effect<void, RedisError>
  /** Stops the process (SIGSTOP): connections remain, and nothing answers. */
  readonly freeze: Effect.Effect<void>
  readonly thaw: Effect.Effect<void>
  /** Sends one command of words without blanks; returns the raw reply, and fails for an error. */
  readonly tell: (...words: ReadonlyArray<string | number>) => Effect.Effect<string, RedisError>
}

/**
 * Starts one server with these lines of configuration besides its own, in a folder that is removed with the scope; a
 * line that begins with `sentinel` makes it a Sentinel. Another process may take the port between its choice and its
 * use: then on the next.
 */
export const makeRedisServer = (
  extra: ReadonlyArray<string> = []
): Effect.Effect<RedisServerControl, RedisError, Scope.Scope> =>
  Effect.gen(function*() {
    const program = yield* findRedis()
    const folder = yield* serverFolder(
      { prefix: "muster-redis-", signal: "KILL" },
      (cause) => new RedisError({ message: "No temporary folder could be made for Redis", cause })
    )
    const data = join(folder.path, "data")
    const current = yield* Ref.make<Running | undefined>(undefined)
    const oneAtATime = yield* Semaphore.make(1)
    const launchOn = Effect.fnUntraced(function*(port: number) {
      mkdirSync(data, { recursive: true })
      const file = join(folder.path, "redis.conf")
      writeFileSync(file, settings(port, extra))
      const isSentinel = extra.some((setting) => setting.startsWith("sentinel "))
      const [args, ready] = isSentinel ? [[file, "--sentinel"], "+monitor"] : [[file], "Ready to accept connections"]
      return yield* inTime(launch(program, args, data, ready), "started")
    })
    const adopt = (running: Running) => {
      folder.guard(running.pid)
      return Ref.set(current, running)
    }
    const end = Effect.flatMap(Ref.get(current), (running) => {
      if (running === undefined) return Effect.void
      running.signal("SIGKILL")
      return inTime(Effect.promise(() => running.ended), "took to end").pipe(
        Effect.andThen(Ref.set(current, undefined)),
        Effect.tap(() => Effect.sync(() => folder.guard(undefined)))
      )
    })
    yield* Effect.addFinalizer(() => Effect.ignore(end))
    const port = yield* Effect.tap(freePort, (port) => Effect.flatMap(launchOn(port), adopt)).pipe(
      Effect.retry({ times: 5, while: ({ message }) => message.includes("ddress already in use") })
    )
    const start = Effect.flatMap(
      Ref.get(current),
      (running) => running === undefined ? Effect.flatMap(launchOn(port), adopt) : Effect.void
    )
    const signal = (name: NodeJS.Signals) => Effect.map(Ref.get(current), (running) => running?.signal(name))
    const alone = <A, E>(effect: Effect.Effect<A, E>) => oneAtATime.withPermit(Effect.uninterruptible(effect))
    return {
      port,
      start: alone(start),
      kill: alone(end),
      lose: alone(Effect.tap(end, () => Effect.sync(() => rmSync(data, { recursive: true, force: true })))),
      freeze: signal("SIGSTOP"),
      thaw: signal("SIGCONT"),
      tell: (...words) => tell(port, ...words)
    }
  })

/**
 * A Redis of the tests' own: in a temporary folder, on 127.0.0.1 and a free port. It ends with its scope, and no later
 * than this process. Its URL outlives `kill`, `lose` and `start`.
 */
export class RedisServer extends Context.Service<RedisServer, RedisServerControl & { readonly url: string }>()(
  "@muster/store-suite/redis/RedisServer"
) {
  static readonly layer: Layer.Layer<RedisServer, RedisError> = Layer.effect(
    RedisServer,
    Effect.map(makeRedisServer(), (server) => RedisServer.of({ ...server, url: `redis://127.0.0.1:${server.port}` }))
  )
}
