import { assert, describe, it, layer } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Latch, Layer, Scope } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync, statSync, watch } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { onConnection } from "../../src/postgres/Admin.ts"
import { PostgresServer } from "../../src/postgres/PostgresServer.ts"

const dataFolder = (url: string) =>
  onConnection(url, (sql) => sql<{ readonly data_directory: string }>`SHOW data_directory`).pipe(
    Effect.map((rows) => rows[0]!.data_directory)
  )

const postmaster = (data: string) => Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0])

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

layer(PostgresServer.layer, { timeout: "60 seconds" })("a running PostgresServer", (it) => {
  it.effect("runs on loopback, as an ordinary user", () =>
    Effect.gen(function*() {
      const { url } = yield* PostgresServer
      assert.strictEqual(new URL(url).hostname, "127.0.0.1")
      const data = yield* dataFolder(url)
      assert.notStrictEqual(statSync(data).uid, 0)
      assert.notStrictEqual(statSync(join(data, "postmaster.pid")).uid, 0)
    }))

  it.effect("keeps what was committed through stop, kill and restart, at the same URL", () =>
    Effect.gen(function*() {
      const { kill, restart, start, stop, url } = yield* PostgresServer
      const data = yield* dataFolder(url)
      const write = (n: number) => onConnection(url, (sql) => sql`INSERT INTO kept VALUES (${n})`)
      yield* onConnection(url, (sql) => sql`CREATE TABLE kept (n int)`)
      yield* write(1)
      yield* stop
      assert.isTrue(Exit.isFailure(yield* Effect.exit(write(0))))
      yield* start
      yield* write(2)
      const pid = postmaster(data)
      yield* kill
      assert.isFalse(isAlive(pid))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(write(0))))
      yield* start
      yield* write(3)
      yield* restart
      yield* start // it runs already
      const rows = yield* onConnection(url, (sql) => sql<{ readonly n: number }>`SELECT n FROM kept ORDER BY n`)
      assert.deepStrictEqual(rows.map(({ n }) => n), [1, 2, 3])
    }))

  it.effect("ends open sessions when it is killed, including a sleeping one", () =>
    Effect.gen(function*() {
      const { kill, start, url } = yield* PostgresServer
      const asleep = Latch.makeUnsafe()
      const session = yield* onConnection(url, (sql) =>
        Effect.andThen(
          Effect.andThen(sql`SELECT 1`, asleep.open),
          sql`SELECT pg_sleep(3600)`
        )).pipe(Effect.exit, Effect.forkChild({ startImmediately: true }))
      yield* asleep.await
      yield* kill
      assert.isTrue(Exit.isFailure(yield* Fiber.join(session)))
      yield* start
    }))
})

describe("the end of a PostgresServer", () => {
  it.effect("comes with its scope, even when the test failed", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const pids: Array<number> = []
      const use = Effect.gen(function*() {
        const { url } = yield* PostgresServer
        const data = yield* dataFolder(url)
        seen.push(dirname(data))
        pids.push(postmaster(data))
        return yield* Effect.fail("a failed test")
      })
      assert.strictEqual(yield* Effect.flip(Effect.provide(use, PostgresServer.layer)), "a failed test")
      assert.strictEqual(seen.length, 1)
      assert.isFalse(existsSync(seen[0]!))
      assert.isFalse(isAlive(pids[0]!))
    }), 60_000)

  it.effect("comes with its scope when the server was killed before", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const services = yield* Layer.buildWithScope(PostgresServer.layer, scope)
      const { kill, url } = Context.get(services, PostgresServer)
      const folder = dirname(yield* dataFolder(url))
      yield* kill
      assert.isTrue(existsSync(folder))
      yield* Scope.close(scope, Exit.void)
      assert.isFalse(existsSync(folder))
    }), 60_000)

  it.effect("comes with its process, even by SIGKILL", () =>
    Effect.gen(function*() {
      const guarded = spawn(process.execPath, [fileURLToPath(new URL("guarded.ts", import.meta.url))], {
        stdio: ["ignore", "pipe", "inherit"]
      })
      const [line] = yield* Effect.promise(() => once(guarded.stdout.setEncoding("utf8"), "data"))
      const url = String(line).trim()
      const data = yield* dataFolder(url)
      const pid = postmaster(data)
      const folder = dirname(data)

      const removed = Effect.callback<void>((resume) => {
        const watcher = watch(dirname(folder), () => {
          if (!existsSync(folder)) resume(Effect.void)
        })
        guarded.kill("SIGKILL")
        return Effect.sync(() => watcher.close())
      })
      yield* removed
      assert.isFalse(isAlive(pid))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(dataFolder(url))))
    }), 60_000)
})
