import { RedisConnection } from "@muster/store-redis"
import { type Line, lineTo, shared, testRedis, testRedisCluster } from "@muster/store-suite"
import { Context, type Duration, Effect, Layer, Redacted } from "effect"
import { Cluster, Redis } from "ioredis"
import { randomUUID } from "node:crypto"

const portsOf = (url: string): ReadonlyArray<number> =>
  Array.from(url.matchAll(/127\.0\.0\.1:(\d+)/g), ([, port]) => Number(port))

/** A client of the test's own, besides the stores. */
const ownClient = (url: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const [port = 0] = portsOf(url)
      return url.includes("cluster") ? new Cluster([{ host: "127.0.0.1", port }]) : new Redis(port, "127.0.0.1")
    }),
    (client) => Effect.promise(() => client.quit())
  )

/** Each node of it as a client by itself. */
export const nodesOf = (client: Redis | Cluster): ReadonlyArray<Redis> =>
  client instanceof Cluster ? client.nodes("master") : [client]

/** Every key with this prefix, on any node. */
export const keysOf = Effect.fnUntraced(function*(client: Redis | Cluster, prefix: string) {
  const found: Array<string> = []
  for (const node of nodesOf(client)) {
    for (let cursor = "0", more = true; more; more = cursor !== "0") {
      const [next, keys] = yield* Effect.promise(() => node.scan(cursor, "MATCH", `${prefix}*`, "COUNT", 1_000))
      cursor = next
      found.push(...keys)
    }
  }
  return found
})

/** Those of them that Redis never removes by itself. */
export const lastingKeys = Effect.fnUntraced(function*(client: Redis | Cluster, prefix: string) {
  const keys = yield* keysOf(client, prefix)
  const lives = yield* Effect.promise(() => Promise.all(keys.map((key) => client.pttl(key))))
  return keys.filter((_, i) => lives[i] === -1)
})

export const mode = ["Redis", "Redis Cluster"] as const

/** What every test of a file builds its nodes from: the run's server or cluster, and one client besides the stores. */
export const redisBackend = (name: typeof mode[number]) => {
  const url = shared(name === "Redis" ? testRedis : testRedisCluster)
  const client = shared(Effect.flatMap(url, ownClient))

  /** An empty backend: a unique prefix. Its nodes are reached by these ports instead of their own. */
  const freshOn = Effect.fnUntraced(function*(ports: ReadonlyMap<number, number>, deadline: Duration.Input) {
    const prefix = `t${randomUUID()}:`
    const natMap = Object.fromEntries(
      Array.from(ports, ([port, through]) => [`127.0.0.1:${port}`, { host: "127.0.0.1", port: through }])
    )
    const hosts = Array.from(ports.values(), (port) => `127.0.0.1:${port}`).join(",")
    const url = Redacted.make(name === "Redis" ? `redis://${hosts}` : `redis+cluster://${hosts}`)
    return { prefix, client: yield* client, connection: RedisConnection.layer({ url, prefix, natMap, deadline }) }
  })
  /** Tens of thousands of operations without time checks: a slow machine must not fail them. */
  const fresh = Effect.flatMap(url, (url) => freshOn(new Map(portsOf(url).map((port) => [port, port])), "10 seconds"))

  /** The same through lines that can be cut and watched. */
  const behindLines = Effect.gen(function*() {
    const lines = new Map<number, Line>()
    for (const port of portsOf(yield* url)) lines.set(port, yield* lineTo(port))
    const backend = yield* freshOn(new Map(Array.from(lines, ([port, line]) => [port, line.port])), "1 second")
    return { ...backend, lines: [...lines.values()] }
  })
  return { name, fresh, behindLines }
}

/** A layer's service, built separately in the current scope. */
export const built = <I, S, E, R>(key: Context.Key<I, S>, layer: Layer.Layer<I, E, R>) =>
  Effect.map(Layer.build(Layer.fresh(layer)), (context) => Context.get(context, key))
