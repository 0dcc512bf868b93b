import { onMachineClock } from "@muster/kit"
import { Effect, Schedule, type Scope } from "effect"
import { tell } from "./Loopback.ts"
import type { RedisError } from "./RedisError.ts"
import { makeRedisServer, type RedisServerControl } from "./RedisServer.ts"

/** Two Redis servers, one of which replicates the other, and the steps of a failover. */
export interface RedisPair {
  /** The primary at the start. */
  readonly first: RedisServerControl
  /** Its replica at the start. */
  readonly second: RedisServerControl
  /**
   * Makes `to`, which has received everything that was written before this call, the primary and the other one its replica, without
   * closing a connection. `between` runs when no server takes writes. Returns when the replication works.
   */
  readonly failOver: (
    to: "first" | "second",
    between?: Effect.Effect<unknown, RedisError>
  ) => Effect.Effect<void, RedisError>
}

/** Waits until the replica follows and has received everything up to now. */
const isSynchronized = (replica: RedisServerControl, primary: RedisServerControl) =>
  Effect.repeat(tell(replica.port, "INFO", "replication"), {
    until: (info) => info.includes("master_link_status:up"),
    schedule: Schedule.spaced("20 millis")
  }).pipe(
    // WAIT covers only this connection's commands: without a command before it, that is nothing.
    Effect.andThen(tell(primary.port, "PING\r\nWAIT", 1, 30_000)),
    Effect.timeout("30 seconds"),
    Effect.orDie,
    onMachineClock
  )

const follow = (replica: RedisServerControl, primary: RedisServerControl) =>
  tell(replica.port, "REPLICAOF", "127.0.0.1", primary.port)

/** Starts a primary and its replica, each with these lines of configuration besides its own. */
export const makeRedisPair = (
  extra: ReadonlyArray<string> = []
): Effect.Effect<RedisPair, RedisError, Scope.Scope> =>
  Effect.gen(function*() {
    // Without a delay a primary sends its data to a new replica immediately.
    const settings = ["repl-diskless-sync-delay 0", ...extra]
    const first = yield* makeRedisServer(settings)
    const second = yield* makeRedisServer(settings)
    yield* follow(second, first)
    yield* isSynchronized(second, first)

    const failOver: RedisPair["failOver"] = Effect.fnUntraced(function*(to, between = Effect.void) {
      const [next, last] = to === "second" ? [second, first] : [first, second]
      // Replication is asynchronous: without this, a write that was just acknowledged may be lost.
      yield* isSynchronized(next, last)
      yield* follow(last, next)
      yield* between
      yield* tell(next.port, "REPLICAOF", "NO", "ONE")
      yield* isSynchronized(last, next)
    })
    return { first, second, failOver }
  })
