import { Effect } from "effect"
import { inject } from "vitest"
import { RedisError } from "./RedisError.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** The key under which `globalSetup.ts` provides the URLs of the run's servers. */
    readonly musterRedisDesk: string
  }
}

const ask = (what: "server" | "cluster"): Effect.Effect<string, RedisError> =>
  Effect.tryPromise({
    try: async (signal) => {
      const desk = inject("musterRedisDesk")
      if (desk === undefined) {
        throw new Error("vitest's globalSetup lacks packages/store-suite/src/redis/globalSetup.ts")
      }
      const response = await fetch(`${desk}/${what}`, { signal })
      const text = await response.text()
      if (!response.ok) throw new Error(text)
      return text
    },
    catch: (cause) =>
      new RedisError({ message: `The tests have no Redis: ${cause instanceof Error ? cause.message : cause}`, cause })
  })

/**
 * The URL of the Redis that this test run shares; the first call starts it. Every user has its own key prefix. Only
 * within vitest, and with the repository's configuration.
 */
export const testRedis: Effect.Effect<string, RedisError> = ask("server")

/** The URL of the three-node Redis Cluster that this test run shares, likewise. */
export const testRedisCluster: Effect.Effect<string, RedisError> = ask("cluster")
