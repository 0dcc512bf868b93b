import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { listing, runtime } from "./support/Fixtures.ts"
import { sources } from "./support/Main.ts"
import { signedIn } from "./support/runMuster.ts"
import { deadServer, scriptedServer } from "./support/ScriptedServer.ts"
import { runProcess, spawnMuster, spawnProgram } from "./support/Spawned.ts"

const printLoaded = { NODE_OPTIONS: `--import ${new URL("./support/printLoaded.mjs", import.meta.url).href}` }

/** Runs the sources, and prints the modules that were loaded on stderr. */
const runSources = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
  Effect.scoped(Effect.flatMap(spawnProgram(sources, args, { ...env, ...printLoaded }), ({ outcome }) => outcome))

describe("muster as a process", () => {
  it.live("--version prints the version and loads no server, no daemon and no API", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* runSources(["--version"])
      assert.strictEqual(code, 0)
      assert.match(stdout, /^muster v\d+\.\d+\.\d+\n$/)
      assert.include(stderr, "packages/cli/src/Cli.ts")
      assert.notMatch(stderr, /packages\/(?:server|daemon|domain|store-\w+)\/src/)
    }))

  it.live("`muster runtimes` loads no server and no daemon", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ runtimes: [runtime("1")] })
      const { code, stderr } = yield* runSources(["runtimes"], signedIn(server.url).env)
      assert.strictEqual(code, 0)
      assert.include(stderr, "packages/domain/src")
      assert.notMatch(stderr, /packages\/(?:server|daemon|store-\w+)\/src/)
    }))

  it.live("C-06 models --json: one document on stdout, the stages on stderr, exit code 0", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({
        runtimes: [runtime("1")],
        listings: [listing({ status: "pending" }), listing({ status: "completed", source: "live", models: [] })]
      })
      const { code, stderr, stdout } = yield* runProcess(["models", "opencode", "--json"], signedIn(server.url).env)
      assert.strictEqual(code, 0)
      assert.strictEqual(JSON.parse(stdout).status, "completed")
      assert.strictEqual(stderr, "waiting for the daemon\nrunning on the machine\ndone\n")
    }))

  it.live("C-06 a failure with --json: one document on stdout with the exit code of the process", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* runProcess(["runtimes", "--json"], signedIn(yield* deadServer).env)
      assert.strictEqual(code, 7)
      assert.deepInclude(JSON.parse(stdout), { code: "server_unreachable", exit_code: 7 })
      assert.match(stderr, /^error: [^\n]+\nnext: {2}[^\n]+\n$/)
    }))

  it.live("C-06 a request that Ctrl-C interrupts ends with 130", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ runtimes: [runtime("1")], listings: [listing({ status: "pending" })] })
      const asking = yield* spawnMuster(["models", "opencode", "--json"], signedIn(server.url).env)
      yield* Effect.callback<void>((resume) => {
        asking.process.stderr?.once("data", () => resume(Effect.void))
      })
      asking.process.kill("SIGINT")
      const { code, stdout } = yield* asking.outcome
      assert.strictEqual(code, 130)
      assert.strictEqual(stdout, "")
    }))
})
