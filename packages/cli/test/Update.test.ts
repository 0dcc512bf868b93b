import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schema } from "effect"
import { TestClock } from "effect/testing"
import { mkdirSync, readFileSync } from "node:fs"
import { dirname } from "node:path"
import { exitCodes } from "../src/failure/ExitCode.ts"
import { isSupervised } from "../src/service/Restart.ts"
import { restartCode, startDetached } from "../src/service/Restart.ts"
import { fake, makePerson } from "./support/FakeOpenCode.ts"
import { installed, startRegistry } from "./support/Registry.ts"
import { calls, startReplica } from "./support/Replica.ts"
import { runMuster } from "./support/runMuster.ts"
import { spawnProgram } from "./support/Spawned.ts"

/** A server, a daemon and npm, three times, on a machine that may be busy. */
const testTimeout = 180_000

const Runtimes = Schema.Array(Schema.Struct({ id: Schema.String, status: Schema.String }))
const Workspaces = Schema.Array(Schema.Struct({ id: Schema.String }))

/** A server, and a daemon that npm installed globally as version 1.0.0, under a supervisor. */
const startMachine = Effect.gen(function*() {
  const person = yield* makePerson
  const [prefix, releases] = [`${person.HOME}/npm`, `${person.HOME}/releases`]
  for (const folder of [prefix, releases]) mkdirSync(folder)
  const program = installed(prefix, "1.0.0")
  const registry = yield* startRegistry(releases, { "2.0.0": "2.0.0", "3.0.0": "2.9.9" })
  const server = yield* startReplica(person, "server")
  const daemon = yield* spawnProgram(program, ["daemon", "--data", `${person.HOME}/daemon`, "--local-port", "0"], {
    ...person,
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
    MUSTER_SERVER_URL: server.url,
    MUSTER_TOKEN: server.token,
    MUSTER_SUPERVISED: "1",
    MUSTER_UPDATE_REGISTRY: registry.url,
    npm_config_cache: `${person.HOME}/npm-cache`,
    npm_config_fetch_retries: "0"
  })
  yield* daemon.awaitOut(/OpenCode|opencode/i)
  const env = { MUSTER_SERVER_URL: server.url, MUSTER_TOKEN: server.token }
  const muster = (...args: ReadonlyArray<string>) => runMuster([...args, "--json"], { env })
  const update = (version: string) => muster("update", "opencode", "--to", version)
  return { prefix, server, daemon, muster, update }
})

const versionIn = (folder: string) => JSON.parse(readFileSync(`${folder}/package.json`, "utf8")).version

describe("muster update", () => {
  it.live(
    "S-05 S-06 pings, installs from a registry, verifies, reports, and ends so that the supervisor restarts it",
    () =>
      Effect.gen(function*() {
        const { daemon, muster, prefix, server, update } = yield* startMachine
        const installedAt = `${prefix}/lib/node_modules/muster`
        const ping = JSON.parse((yield* muster("ping", "opencode")).stdout)
        assert.deepInclude(ping, {
          verdict: "well",
          execution: { state: "starts", text: `starts (${fake.version}, in ${ping.cli_ms} ms); not used yet` }
        })
        const told = JSON.parse((yield* muster("explain", ping.request_id)).stdout)
        assert.match(
          told.text,
          /^This ping request to .* was made \d+ s ago at .*\. It was delivered over the socket by /
        )

        // It reports another version than the requested one: the old one is restored.
        const wrong = yield* update("3.0.0")
        assert.strictEqual(wrong.code, exitCodes.failedThere)
        assert.match(
          JSON.parse(wrong.stdout).error,
          /the new muster reports the version "muster v2\.9\.9", not 3\.0\.0$/
        )
        assert.strictEqual(versionIn(installedAt), "1.0.0")
        assert.strictEqual(daemon.process.exitCode, null)

        const done = yield* update("2.0.0")
        assert.strictEqual(done.code, 0)
        assert.deepInclude(JSON.parse(done.stdout), { status: "completed", output: "Updated to 2.0.0" })
        assert.strictEqual((yield* daemon.outcome).code, restartCode)
        assert.strictEqual(versionIn(installedAt), "2.0.0")
        assert.strictEqual(versionIn(`${prefix}/lib/.muster-previous`), "1.0.0")

        const me = calls(server.token)
        const [home] = yield* me(Workspaces, "GET", `${server.url}/api/workspaces`)
        const runtimes = yield* calls(server.token, home!.id)(Runtimes, "GET", `${server.url}/api/runtimes`)
        assert.deepStrictEqual(runtimes.map(({ status }) => status), ["offline"])
      }),
    testTimeout
  )

  it.effect("S-05 without a supervisor it is restarted, and outlives the process that started it", () =>
    Effect.gen(function*() {
      const starting = yield* Effect.forkChild(startDetached(["/bin/sleep", "60"]), { startImmediately: true })
      yield* TestClock.adjust("3 seconds")
      const pid = (yield* Fiber.join(starting))!
      assert.isTrue(process.kill(pid, "SIGTERM"))
    }))

  it.live("S-05 a daemon that does not return is a failure, with a non-zero exit", () =>
    Effect.gen(function*() {
      const ended = yield* Effect.flip(startDetached(["/bin/sh", "-c", "exit 3"]))
      assert.strictEqual(ended.exitCode, exitCodes.cannotStart)
      assert.match(ended.sentence, /could not be restarted: it ended immediately \(exit code 3\)$/)
      const absent = yield* Effect.flip(startDetached(["/no/such/muster"]))
      assert.match(absent.sentence, /could not be restarted: .*ENOENT/)
    }))

  it.live("C-06 an invalid version is exit code 2, before any call to the server", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* runMuster(["update", "opencode", "--to", "latest"])
      assert.strictEqual(code, exitCodes.usage)
      assert.match(stderr, /^error: "latest" is not a version\nnext: {2}give a full version: --to 1\.2\.3\n$/)
    }))

  it("detects its supervisor, and a terminal that systemd started", () => {
    const own = { pid: 10, parent: 9 }
    const supervised = [
      { NOTIFY_SOCKET: "/run/notify" },
      { INVOCATION_ID: "a", SYSTEMD_EXEC_PID: "10" },
      { INVOCATION_ID: "a", SYSTEMD_EXEC_PID: "9" },
      { XPC_SERVICE_NAME: "dev.muster.daemon" },
      { MUSTER_SUPERVISED: "1" }
    ]
    const alone = [{}, { INVOCATION_ID: "a" }, { SYSTEMD_EXEC_PID: "7" }, { XPC_SERVICE_NAME: "0" }, {
      XPC_SERVICE_NAME: "com.apple.Terminal"
    }]
    assert.isTrue(supervised.every((env) => isSupervised(env, own)))
    assert.isFalse(alone.some((env) => isSupervised(env, own)))
  })
})
