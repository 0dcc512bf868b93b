import type { Redis } from "ioredis"

/** What one server reports about its memory. */
export interface Memory {
  /** Bytes in use. */
  readonly used: number
  /** `maxmemory` in bytes; 0: no limit. */
  readonly limit: number
  /** `maxmemory-policy`, such as `noeviction`. */
  readonly policy: string
  /** How many keys it has evicted since its start. */
  readonly evicted: number
}

/** From this share of `maxmemory` on, memory is nearly full. */
const nearlyFull = 0.9

const numberIn = (text: string, field: string) => Number(new RegExp(`^${field}:(\\d+)`, "m").exec(text)?.[1] ?? 0)

/** The sections `memory` and `stats` of INFO; undefined where the policy is not among them. */
export const memoryIn = (info: string): Memory | undefined => {
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1]
  if (policy === undefined) return undefined
  return {
    used: numberIn(info, "used_memory"),
    limit: numberIn(info, "maxmemory"),
    policy,
    evicted: numberIn(info, "evicted_keys")
  }
}

/** The reply of CONFIG GET, names and values in turn. What is used and evicted is not in it. */
const memoryInConfig = (reply: unknown): Memory | undefined => {
  const fields = Array.isArray(reply) ? reply.map(String) : []
  const valueOf = (name: string) => fields[fields.indexOf(name) + 1]
  const [policy, limit] = [valueOf("maxmemory-policy"), valueOf("maxmemory")]
  return fields.length < 4 || policy === undefined ? undefined : { used: 0, limit: Number(limit), policy, evicted: 0 }
}

/**
 * Reads the memory of one server by INFO, else by CONFIG. Returns undefined if its user may use neither; fails if it
 * does not answer.
 */
export const readMemory = (server: Redis): Promise<Memory | undefined> =>
  server.info("memory", "stats").then(memoryIn).catch((cause: unknown) => orUndefined(cause)).then((memory) =>
    memory ?? server.config("GET", "maxmemory", "maxmemory-policy").then(memoryInConfig).catch(orUndefined)
  )

/** Refused means not known; anything else is a failure. */
const orUndefined = (cause: unknown): undefined | Promise<never> =>
  cause instanceof Error && /^(?:NOPERM|ERR)\b/.test(cause.message) ? undefined : Promise.reject(cause)

const megabytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MiB`

/**
 * What is wrong with the memory of this server, as one sentence with what to do; undefined: nothing. Without a limit a
 * policy never applies. `before`: the reading before this one.
 */
export const concernOf = ({ evicted, limit, policy, used }: Memory, before?: Memory): string | undefined => {
  if (limit === 0) return undefined
  const share = `${megabytes(used)} of ${megabytes(limit)} used`
  if (policy !== "noeviction") {
    const lost = before === undefined ? 0 : evicted - before.evicted
    return lost > 0
      ? `Redis evicts keys (${lost} since the last check), so accepted requests are lost: ` +
        `set maxmemory-policy to noeviction and raise maxmemory (${policy}, ${share})`
      : `Redis may evict accepted requests when its memory is full: set maxmemory-policy to noeviction (${policy}, ${share})`
  }
  return used < limit * nearlyFull
    ? undefined
    : `the memory of Redis is nearly full (${share}); when it is full, new requests are refused: raise maxmemory`
}
