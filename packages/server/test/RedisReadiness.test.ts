import { assert, describe, it } from "@effect/vitest"
import { freshDatabase, makeRedisServer } from "@muster/store-suite"
import { Context, Effect, Layer, Redacted } from "effect"
import { layerEnvironment } from "../src/Environment.ts"
import { Readiness } from "../src/health/Readiness.ts"

describe("the readiness of a server on Redis", () => {
  it.live(
    "F-28 F-02 /readyz reports an eviction policy as a risk, and fails if Redis takes no writes",
    () =>
      Effect.gen(function*() {
        const redis = yield* makeRedisServer(["maxmemory-policy allkeys-lru", "maxmemory 100mb"])
        const context = yield* Layer.build(layerEnvironment({
          dataDir: "",
          databaseUrl: yield* freshDatabase,
          redisUrl: Redacted.make(`redis://127.0.0.1:${redis.port}`)
        }))
        const { checks, risks = Effect.succeed<Readonly<Record<string, string>>>({}) } = Context.get(context, Readiness)
        assert.match((yield* risks)["redis"]!, /^Redis may evict accepted requests.*set maxmemory-policy to noeviction/)
        yield* checks["redis"]!
        // Demoted: it answers PING and every read, and refuses writes.
        yield* redis.tell("REPLICAOF", "127.0.0.1", 1)
        assert.match((yield* Effect.flip(checks["redis"]!)).why, /^Redis takes no writes: this server is a replica/)
      }),
    60_000
  )
})
