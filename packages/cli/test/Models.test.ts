import { assert, describe, it } from "@effect/vitest"
import { Kinds, WireError } from "@muster/domain"
import { Effect } from "effect"
import { listing, runtime } from "./support/Fixtures.ts"
import { runMuster, signedIn } from "./support/runMuster.ts"
import { type Script, scriptedServer } from "./support/ScriptedServer.ts"

const models = [
  { id: "big/pickle", label: "Big Pickle", provider: "big", default: true },
  { id: "plain", label: "Plain" }
]
const completed = listing({ status: "completed", source: "live", models })
const fleet = [runtime("1")]

const ask = Effect.fnUntraced(function*(script: Script, ...args: ReadonlyArray<string>) {
  const server = yield* scriptedServer({ runtimes: fleet, ...script })
  const outcome = yield* runMuster(["models", "opencode", ...args], signedIn(server.url))
  return { ...outcome, server }
})

describe("muster models", () => {
  it.live("C-04 prints the request's stages to stderr and the CLI's models to stdout, the default marked", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* ask({
        listings: [listing({ status: "pending" }), listing({ status: "running" }), completed]
      })
      assert.strictEqual(code, 0)
      assert.strictEqual(stderr, "waiting for the daemon\nrunning on the machine\ndone\n")
      assert.match(stdout, /^big\/pickle +Big Pickle +big +default$/m)
      assert.match(stdout, /^plain +Plain +–$/m)
      assert.match(stdout, /2 models, reported by Opencode 1\./)
    }))

  it.live("C-04 prints every stage, however short, and each once", () =>
    Effect.gen(function*() {
      const pending = listing({ status: "pending" })
      const { stderr } = yield* ask({ listings: [pending, pending, pending, completed] })
      assert.strictEqual(stderr, "waiting for the daemon\nrunning on the machine\ndone\n")
    }))

  it.live("C-04 changes one line in place on a terminal", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ runtimes: fleet, listings: [listing({ status: "pending" }), completed] })
      const { stderr } = yield* runMuster(["models", "opencode"], { ...signedIn(server.url), terminal: true })
      assert.strictEqual(
        stderr,
        "\r\u001B[2Kwaiting for the daemon …\r\u001B[2Kwaiting for the daemon → running on the machine → done\n"
      )
    }))

  it.live("C-06 --json prints one document with runtime, request, source and models", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* ask({ listings: [completed] }, "--json")
      const document = JSON.parse(stdout)
      assert.strictEqual(code, 0)
      assert.deepInclude(document, { request_id: completed.id, status: "completed", source: "live", models })
      assert.strictEqual(document.runtime.id, fleet[0]!.id)
    }))

  it.live("F-36 reports what the list leaves out, in words and in the document", () =>
    Effect.gen(function*() {
      const left_out = [{ reason: "id is missing", count: 2, first: "models[3]" }]
      const listings = [listing({ status: "completed", source: "live", models, left_out })]
      assert.match(
        (yield* ask({ listings })).stdout,
        /left out of the answer: 2 \(id is missing; first: models\[3\]\)\n$/
      )
      assert.deepStrictEqual(JSON.parse((yield* ask({ listings }, "--json")).stdout).left_out, left_out)
    }))

  it.live("C-03 prints a kept list immediately with its age and without stages; --fresh asks the machine", () =>
    Effect.gen(function*() {
      const { stderr, stdout, server } = yield* ask({ listings: [{ ...completed, cached: true, cachedAt: 0 }] })
      assert.strictEqual(stderr, "")
      assert.match(stdout, /2 models, reported by Opencode 1 \d+ d ago; use --fresh to ask again\./)
      const fresh = yield* ask({ listings: [completed] }, "--fresh")
      const asked = [...yield* server.requests, ...yield* fresh.server.requests]
      assert.deepStrictEqual(
        asked.map(({ line }) => line).filter((line) => line.startsWith("POST")).map((line) =>
          line.slice(line.indexOf("/models"))
        ),
        ["/models", "/models?fresh=1"]
      )
    }))

  it.live("reports that the list is a fixed one, because the CLI cannot list its models", () =>
    Effect.gen(function*() {
      const { stdout } = yield* ask({ listings: [listing({ status: "completed", source: "fallback", models })] })
      assert.match(stdout, /from a fixed list: Opencode 1 cannot list its models/)
    }))

  it.live("C-04 reports a timeout before the daemon's pick-up", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* ask({
        listings: [listing({ status: "timeout", error: Kinds.ModelList.terms.texts.pending })]
      })
      assert.strictEqual(code, 5)
      assert.match(
        stderr,
        /^waiting for the daemon\ntimed out\nerror: timed out waiting for the daemon of Opencode 1: /
      )
      assert.match(stderr, /\nnext: {2}check that its machine is awake/)
    }))

  it.live("C-04 reports a timeout on the machine", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* ask({
        listings: [
          listing({ status: "running" }),
          listing({ status: "timeout", error: Kinds.ModelList.terms.texts.running })
        ]
      }, "--json")
      assert.strictEqual(code, 5)
      assert.match(stderr, /running on the machine\ntimed out\nerror: timed out on the machine of Opencode 1: /)
      assert.deepInclude(JSON.parse(stdout), { code: "timed_out_running", exit_code: 5, status: "timeout" })
    }))

  it.live("C-04 C-06 a failure shows the CLI's own words and what to do next", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* ask({
        listings: [listing({ status: "failed", error: "not logged in" })]
      }, "--json")
      assert.strictEqual(code, 6)
      assert.match(
        stderr,
        /failed\nerror: Opencode 1 could not list its models: not logged in\nnext: {2}try the CLI on that machine/
      )
      assert.deepInclude(JSON.parse(stdout), { code: "failed_on_machine", request_id: completed.id })
    }))

  it.live("C-06 an offline runtime is reported as offline, with the time and what to do", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* ask({
        runtimes: [runtime("1", { status: "offline", lastSeenAt: null })],
        listings: [WireError.runtimeOffline()]
      })
      assert.strictEqual(code, 5)
      assert.match(
        stderr,
        /^error: Opencode 1 is offline; it was never online\nnext: {2}start the daemon on its machine/
      )
    }))

  it.live("a temporary failure of the server repeats the poll, not the request", () =>
    Effect.gen(function*() {
      const { code, server } = yield* ask({
        listings: [listing({ status: "running" }), WireError.fault("failed to load request"), completed]
      })
      const lines = (yield* server.requests).map(({ line }) => line)
      assert.strictEqual(code, 0)
      assert.strictEqual(lines.filter((line) => line.startsWith("POST ")).length, 1)
      assert.strictEqual(lines.filter((line) => line.endsWith("?wait=20")).length, 2)
    }))

  it.live("C-06 a request that the server lost is reported, not waited for", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* ask({ listings: [listing({ status: "pending" }), WireError.absent("request")] })
      assert.strictEqual(code, 4)
      assert.match(
        stderr,
        /error: the server no longer has the request: .*\nnext: {2}try again; if it happens again, check Redis: muster doctor\n$/
      )
    }))

  it.live("C-06 a server that cannot answer is exit code 7", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* ask({ listings: [WireError.fault("failed to enqueue")] })
      assert.strictEqual(code, 7)
      assert.match(stderr, /cannot answer: failed to enqueue\nnext: {2}check the server: muster doctor/)
    }))
})
