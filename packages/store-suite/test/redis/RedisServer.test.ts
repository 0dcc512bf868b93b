import { assert, describe, it, layer } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, watch } from "node:fs"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { tell } from "../../src/redis/Loopback.ts"
import { findRedis } from "../../src/redis/RedisBinary.ts"
import { RedisCluster } from "../../src/redis/RedisCluster.ts"
import { RedisServer } from "../../src/redis/RedisServer.ts"
import { testRedis, testRedisCluster } from "../../src/redis/TestRedis.ts"

const dataFolder = (port: number) =>
  Effect.map(tell(port, "CONFIG", "GET", "dir"), (reply) => /^\/.*$/m.exec(reply)![0].trim())

const portOf = (url: string) => Number(/:(\d+)$/.exec(url)![1])

layer(RedisServer.layer, { timeout: "60 seconds" })("a running RedisServer", (it) => {
  it.effect("keeps its data when it is killed, and loses it after `lose`, at the same port", () =>
    Effect.gen(function*() {
      const { kill, lose, port, start } = yield* RedisServer
      yield* tell(port, "SET", "kept", "yes")
      yield* kill
      assert.isTrue(Exit.isFailure(yield* Effect.exit(tell(port, "PING"))))
      yield* start
      yield* start // it runs already
      assert.include(yield* tell(port, "GET", "kept"), "yes")
      yield* lose
      yield* start
      assert.strictEqual(yield* tell(port, "DBSIZE"), ":0\r\n")
    }))
})

describe("the end of a RedisServer", () => {
  it.effect("comes with its scope", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { port } = Context.get(yield* Layer.buildWithScope(RedisServer.layer, scope), RedisServer)
      const folder = dirname(yield* dataFolder(port))
      assert.isTrue(existsSync(folder))
      yield* Scope.close(scope, Exit.void)
      assert.isFalse(existsSync(folder))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(tell(port, "PING"))))
    }), 60_000)

  it.effect("comes with its process, even by SIGKILL", () =>
    Effect.gen(function*() {
      const guarded = spawn(process.execPath, [fileURLToPath(new URL("guarded.ts", import.meta.url))], {
        stdio: ["ignore", "pipe", "inherit"]
      })
      const [line] = yield* Effect.promise(() => once(guarded.stdout.setEncoding("utf8"), "data"))
      const port = Number(line)
      const folder = dirname(yield* dataFolder(port))
      yield* Effect.callback<void>((resume) => {
        const watcher = watch(dirname(folder), () => {
          if (!existsSync(folder)) resume(Effect.void)
        })
        guarded.kill("SIGKILL")
        return Effect.sync(() => watcher.close())
      })
      assert.isTrue(Exit.isFailure(yield* Effect.exit(tell(port, "PING"))))
    }), 60_000)
})

describe("the run's servers", () => {
  it.effect("are one server and one whole cluster of three, for every caller", () =>
    Effect.gen(function*() {
      const [one, two] = yield* Effect.all([testRedis, testRedis], { concurrency: 2 })
      assert.strictEqual(one, two)
      assert.strictEqual(yield* tell(portOf(one), "PING"), "+PONG\r\n")
      const url = yield* testRedisCluster
      const info = yield* tell(portOf(url), "CLUSTER", "INFO")
      assert.include(info, "cluster_state:ok")
      assert.include(info, "cluster_slots_assigned:16384")
      assert.include(info, "cluster_size:3")
    }), 60_000)

  it.effect("a test's own cluster is removed with its scope", () =>
    Effect.gen(function*() {
      const ports = yield* Effect.map(RedisCluster, ({ nodes }) => nodes.map(({ port }) => port)).pipe(
        Effect.provide(RedisCluster.layer)
      )
      assert.strictEqual(ports.length, 3)
      for (const port of ports) assert.isTrue(Exit.isFailure(yield* Effect.exit(tell(port, "PING"))))
    }), 60_000)

  it.effect("a missing program is reported in one sentence", () =>
    Effect.gen(function*() {
      const path = process.env["PATH"]
      process.env["PATH"] = ""
      const error = yield* Effect.flip(findRedis([])).pipe(
        Effect.ensuring(Effect.sync(() => {
          process.env["PATH"] = path
        }))
      )
      assert.include(error.message, "redis-server is missing")
    }))
})
