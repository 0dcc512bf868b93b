import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { runtime, token, workspace } from "./support/Fixtures.ts"
import { runMuster, signedIn } from "./support/runMuster.ts"
import { scriptedServer } from "./support/ScriptedServer.ts"

const fleet = [
  runtime("1", { name: "Codex", provider: "codex", status: "offline", lastSeenAt: null }),
  runtime("2", { metadata: { version: "2.0.0" } })
]

describe("muster runtimes", () => {
  it.live("C-06 prints each runtime with provider, version, status, last beat and id, online ones first", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ runtimes: fleet })
      const { code, stderr, stdout } = yield* runMuster(["runtimes"], signedIn(server.url))
      const [heading, first, second] = stdout.split("\n")
      assert.strictEqual(code, 0)
      assert.strictEqual(stderr, "")
      assert.match(heading!, /^NAME +PROVIDER +VERSION +STATUS +LAST SEEN +ID$/)
      assert.match(first!, /^Opencode 2 +opencode +2\.0\.0 +online +\d+ d ago +22222222-/)
      assert.match(second!, /^Codex +codex +1\.2\.3 +offline +never +11111111-/)
    }))

  it.live("C-06 --json prints exactly one document on stdout and nothing else anywhere", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ runtimes: fleet })
      const { code, stderr, stdout } = yield* runMuster(["runtimes", "--json"], signedIn(server.url))
      const document = JSON.parse(stdout)
      assert.strictEqual(code, 0)
      assert.strictEqual(stderr, "")
      assert.strictEqual(document.runtimes[1].last_seen_at, "1970-01-01T00:00:00Z")
      assert.strictEqual(document.runtimes[1].version, "2.0.0")
    }))

  it.live("calls with the token, in the only workspace, and identifies itself as the CLI", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({})
      yield* runMuster(["runtimes"], signedIn(server.url))
      const [, { headers, line } = { headers: {}, line: "" }] = yield* server.requests
      assert.strictEqual(line, "GET /api/runtimes")
      assert.strictEqual(headers["authorization"], `Bearer ${token}`)
      assert.strictEqual(headers["x-workspace-id"], workspace("e", "home").id)
      assert.strictEqual(headers["x-client-platform"], "cli")
    }))

  it.live("C-06 lists the workspaces if none was chosen", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ workspaces: [workspace("e", "home"), workspace("f", "work")] })
      const { code, stderr } = yield* runMuster(["runtimes"], signedIn(server.url))
      assert.strictEqual(code, 2)
      assert.match(stderr, /^error: you are in 2 workspaces: home, work\nnext: {2}choose one: --workspace home/)
      const chosen = yield* runMuster(["runtimes", "--workspace", "work"], signedIn(server.url))
      assert.strictEqual(chosen.code, 0)
    }))

  it.live("C-06 another person's workspace is not found", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({})
      const { code, stderr } = yield* runMuster(["runtimes", "--workspace", "theirs"], signedIn(server.url))
      assert.strictEqual(code, 4)
      assert.match(stderr, /^error: workspace not found\nnext: {2}\S/)
    }))

  it.live("a name from another machine cannot control the terminal", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ runtimes: [runtime("1", { name: "evil\u001B[2J\nname" })] })
      const { stdout } = yield* runMuster(["runtimes"], signedIn(server.url))
      assert.notInclude(stdout, "\u001B")
      assert.strictEqual(stdout.trimEnd().split("\n").length, 2)
    }))
})
