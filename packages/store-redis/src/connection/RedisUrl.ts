import { Data, Effect, Redacted, Result } from "effect"

/** One address of a Redis, a Sentinel, or a node of a cluster. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** The servers of Redis, and the user. */
export interface RedisTarget {
  readonly mode: "single" | "sentinel" | "cluster"
  /** At least one; of the single Redis, exactly one. */
  readonly nodes: readonly [Address, ...ReadonlyArray<Address>]
  readonly tls: boolean
  readonly username: string | undefined
  readonly password: string | undefined
  /** The number of the database; a cluster has only 0. */
  readonly database: number
  /** The name under which the Sentinels know the master; empty in the other modes. */
  readonly master: string
}

/**
 * A URL that is not a Redis URL. The message is one sentence and never repeats the URL, which may contain a password.
 */
export class RedisUrlInvalid extends Data.TaggedError("RedisUrlInvalid")<{ readonly message: string }> {}

const form = /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/?#@]+)(?:\/([^?#]*))?$/

const address = (text: string, port: number): Address | undefined => {
  const [, bracketed, plain, given] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = bracketed ?? plain
  const found = given === undefined ? port : Number(given)
  return host === undefined || found < 1 || found > 65_535 ? undefined : { host, port: found }
}

const decoded = (text: string | undefined) => text === undefined || text === "" ? undefined : decodeURIComponent(text)

const read = (text: string): Result.Result<RedisTarget, string> => {
  const [, s, kind, username, password, hosts = "", path = ""] = form.exec(text) ?? []
  if (s === undefined) {
    return Result.fail(
      "it must look like redis://host:6379, redis+sentinel://host:26379,host:26379/master or redis+cluster://host:6379,host:6379 (rediss for TLS)"
    )
  }
  const mode = kind === "sentinel" || kind === "cluster" ? kind : "single"
  const [first, ...others] = hosts.split(",").map((host) => address(host, mode === "sentinel" ? 26_379 : 6_379))
  const rest = others.filter((other) => other !== undefined)
  if (first === undefined || rest.length < others.length) return Result.fail("a host or port in it is not valid")
  if (mode === "single" && rest.length > 0) {
    return Result.fail("it has several hosts; use redis+sentinel:// or redis+cluster://")
  }
  const [master = "", number = ""] = mode === "sentinel" ? path.split("/") : ["", path]
  if (mode === "sentinel" && master === "") {
    return Result.fail("it lacks the name of the master, as in redis+sentinel://host:26379/master")
  }
  if (!/^\d{0,3}$/.test(number)) return Result.fail("its database is not a number")
  if (mode === "cluster" && Number(number) !== 0) return Result.fail("a cluster has only database 0")
  return Result.succeed({
    mode,
    nodes: [first, ...rest],
    tls: s === "s",
    username: decoded(username),
    password: decoded(password),
    database: Number(number),
    master
  })
}

/**
 * Reads `redis[s]://[user][:password@]host[:port][/database]`,
 * `redis[s]+sentinel://…host:port,host:port/master[/database]` and `redis[s]+cluster://…host:port,host:port`. Special
 * characters in a password are percent-encoded.
 */
export const readRedisUrl = (url: Redacted.Redacted): Effect.Effect<RedisTarget, RedisUrlInvalid> =>
  Effect.try({ try: () => read(Redacted.value(url)), catch: () => "its percent-encoding is not valid" }).pipe(
    Effect.flatMap(Effect.fromResult),
    Effect.mapError((fault) => new RedisUrlInvalid({ message: `The Redis URL cannot be used: ${fault}` }))
  )
