import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { displayWidth } from "effect/cli/CliOutput"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { runtime, token, user, workspace } from "./support/Fixtures.ts"
import { makeHome, runMuster, signedIn } from "./support/runMuster.ts"
import { scriptedServer } from "./support/ScriptedServer.ts"
import { spawnMuster } from "./support/Spawned.ts"

const fleet = [
  runtime("2", { metadata: { version: "2.0.0" } }),
  runtime("1", { name: "Codex", provider: "codex", status: "offline", lastSeenAt: null })
]

describe("muster runtimes", () => {
  it.live("C-06 prints each runtime with provider, version, status, last beat and id, in the server's order", () =>
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
      assert.strictEqual(document.runtimes[0].last_seen_at, "1970-01-01T00:00:00Z")
      assert.strictEqual(document.runtimes[0].version, "2.0.0")
      assert.strictEqual(document.runtimes[0].machine_name, "laptop")
    }))

  it.live("calls with the token, in the only workspace, and identifies itself as the CLI", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({})
      yield* runMuster(["runtimes"], signedIn(server.url))
      const [, { headers, line } = { headers: {}, line: "" }] = yield* server.requests
      assert.strictEqual(line, "GET /api/fleet?sort=trouble&limit=5000")
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

  it.live("A-12 the flags become filters of the server; an owner can be named by e-mail address", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ runtimes: fleet, members: [{ ...user, role: "member", joinedAt: 0 }] })
      const { code, stderr } = yield* runMuster([
        "ls",
        "--status=trouble",
        "--status=offline",
        "--provider=codex",
        "--owner=me",
        "--owner=ADA@example.com",
        "--machine=laptop",
        "--label=gpu",
        "--search=a b",
        "--sort=name"
      ], signedIn(server.url))
      assert.deepStrictEqual([code, stderr], [0, ""])
      const last = (yield* server.requests).at(-1)!.line
      assert.deepStrictEqual(Object.fromEntries(new URL(last.slice(4), server.url).searchParams), {
        status: "trouble,offline",
        provider: "codex",
        owner: `me,${user.id}`,
        machine: "laptop",
        label: "gpu",
        q: "a b",
        sort: "name",
        limit: "5000"
      })
      const wrong = yield* runMuster(["ls", "--owner", "eve"], signedIn(server.url))
      assert.deepStrictEqual([wrong.code, wrong.stderr], [
        4,
        "error: there is no member \"eve\"\nnext:  list them: muster members\n"
      ])
    }))

  it.live("A-12 follows the pages, and prints a runtime that moved between two of them once", () =>
    Effect.gen(function*() {
      const moved = runtime("3")
      const server = yield* scriptedServer({ runtimes: [runtime("1"), moved, moved, runtime("4"), runtime("5")] })
      const { stdout } = yield* runMuster([
        "runtimes",
        "list",
        "--format",
        "{name}\\t{machine_name} {metadata.version}"
      ], signedIn(server.url))
      assert.deepStrictEqual(
        stdout.trimEnd().split("\n"),
        ["1", "3", "4", "5"].map((digit) => `Opencode ${digit}\tlaptop 1.2.3`)
      )
      const wrong = yield* runMuster(["ls", "--format", "{nam}"], signedIn(server.url))
      assert.strictEqual(wrong.code, 2)
      assert.match(
        wrong.stderr,
        /^error: --format has no field "nam"\nnext: {2}use these fields: id, workspace_id, .*, version\n$/
      )
    }))

  it.live("C-06 uses the words of the console: trouble, draining and busy, and explains trouble on stderr", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({
        runtimes: [
          { ...runtime("1"), trouble: "its CLI is slow" },
          { ...runtime("2"), draining: true },
          { ...runtime("3"), busy: true },
          { ...runtime("4"), status: "offline", busy: true }
        ]
      })
      const { stderr, stdout } = yield* runMuster(["ls"], signedIn(server.url))
      assert.deepStrictEqual(stdout.split("\n").slice(1, 5).map((line) => line.split(/ {2,}/)[3]), [
        "trouble",
        "draining",
        "busy",
        "offline"
      ])
      assert.strictEqual(stderr, "note:  Opencode 1: its CLI is slow\n")
    }))

  it.live("C-06 a table fits the terminal: ids are cut to what names a runtime, then the longest texts", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ runtimes: [runtime("1", { name: "漢字 ".repeat(30) }), runtime("2")] })
      const { stdout } = yield* runMuster(["ls"], { env: { ...signedIn(server.url).env, COLUMNS: "80" } })
      const [heading, first, second] = stdout.split("\n")
      for (const line of [heading!, first!, second!]) assert.isAtMost(displayWidth(line), 80, line)
      assert.match(first!, /^漢字 漢字.*… +opencode +1\.2\.3 +online +\d+ d ago +11111111$/)
      assert.match(second!, /^Opencode 2 +opencode +1\.2\.3 +online +\d+ d ago +22222222$/)
      const wide = yield* runMuster(["ls"], signedIn(server.url))
      assert.include(wide.stdout, "11111111-0000-4000-8000-000000000000")
    }))

  it.live("C-06 --watch prints what is new, changed and gone, one line each", () =>
    Effect.gen(function*() {
      const muster = yield* spawnMuster(
        ["server", "--port", "0", "--host", "127.0.0.1", "--data", `${yield* makeHome}/data`, "--json"],
        {}
      )
      const [document] = yield* muster.awaitOut(/^\{[\s\S]*\n\}$/m)
      const { token_file, url } = JSON.parse(document)
      const env = { MUSTER_SERVER_URL: url, MUSTER_TOKEN: readFileSync(token_file, "utf8").trim() }
      const call = (method: string, path: string, body?: object) =>
        Effect.promise(async () => {
          const headers = { authorization: `Bearer ${env.MUSTER_TOKEN}`, "content-type": "application/json" }
          const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
          return await response.json()
        })
      const [{ id: workspace_id }] = yield* call("GET", "/api/workspaces")
      const register = (type: string) =>
        call("POST", "/api/daemon/register", {
          workspace_id,
          daemon_id: "box",
          device_name: "box",
          runtimes: [{ name: `${type} (box)`, type, version: "1.0.0", status: "online" }]
        })
      const watched = yield* spawnMuster(["ls", "--watch", "--json"], env)
      yield* watched.awaitError(/^There are no runtimes yet\. Watching for changes …$/m)
      const { runtimes: [{ id }] } = yield* register("codex")
      yield* watched.awaitOut(/"name":"codex \(box\)"/)
      yield* call("PATCH", `/api/runtimes/${id}?workspace_id=${workspace_id}`, { name: "renamed" })
      yield* watched.awaitOut(/"name":"renamed"/)
      yield* call("DELETE", `/api/runtimes/${id}?workspace_id=${workspace_id}`)
      yield* watched.awaitOut(new RegExp(`\\{"id":"${id}","gone":true\\}`))
    }))
})

describe("muster runtimes show, rename, edit, delete; muster open", () => {
  it.live("C-06 show tells what is known of a runtime, and whether its CLI works", () =>
    Effect.gen(function*() {
      const cli = { used: { at: 0, outcome: "unable", text: "not signed in" }, started: null } as const
      const server = yield* scriptedServer({ runtimes: [{ ...runtime("1"), cli, ownerName: "Ada", labels: ["gpu"] }] })
      const { code, stdout } = yield* runMuster(["runtimes", "show", "1111"], signedIn(server.url))
      assert.strictEqual(code, 0)
      assert.match(stdout, /^Opencode 1 \(11111111-.*\)\n {2}state +online$/m)
      assert.match(stdout, /^ {2}its CLI +unable: not signed in \(\d+ d ago\)$/m)
      assert.match(stdout, /^ {2}labels +gpu\n {2}owner +Ada$/m)
    }))

  it.live("C-06 rename and edit change what they name; edit without a change says what can be changed", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ runtimes: [runtime("1")] })
      const renamed = yield* runMuster(["runtimes", "rename", "1111", "Mine"], signedIn(server.url))
      assert.strictEqual(renamed.stdout, "The runtime is now called Mine\n")
      const edited = yield* runMuster(["runtimes", "edit", "1111", "--visibility", "public"], signedIn(server.url))
      assert.strictEqual(edited.stdout, "Opencode 1 is public, in the time zone UTC\n")
      const none = yield* runMuster(["runtimes", "edit", "1111"], signedIn(server.url))
      assert.deepStrictEqual([none.code, none.stderr], [
        2,
        "error: there is nothing to change\nnext:  use --name, --visibility or --timezone\n"
      ])
    }))

  it.live("C-06 delete finds all runtimes before it deletes the first one", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ runtimes: [runtime("1"), runtime("2", { status: "offline" })] })
      const wrong = yield* runMuster(["runtimes", "delete", "1111", "nothing"], signedIn(server.url))
      assert.strictEqual(wrong.code, 4)
      assert.isFalse((yield* server.requests).some(({ line }) => line.startsWith("DELETE")))
      const { code, stderr, stdout } = yield* runMuster(
        ["runtimes", "delete", "1111", "2222", "1111"],
        signedIn(server.url)
      )
      assert.deepStrictEqual([code, stdout], [0, "Deleted Opencode 1, Opencode 2\n"])
      assert.match(stderr, /^note: {2}1 runtime of them online: a running daemon registers them again/)
      assert.strictEqual((yield* server.requests).filter(({ line }) => line.startsWith("DELETE")).length, 2)
    }))

  it.live("C-06 open prints the address of the page, and gives it to the browser that BROWSER names", () =>
    Effect.gen(function*() {
      const home = yield* makeHome
      writeFileSync(`${home}/browser`, `#!/bin/sh\nprintf %s "$1" > ${home}/opened\n`, { mode: 0o755 })
      const server = yield* scriptedServer({ runtimes: [runtime("1")] })
      const around = { env: { ...signedIn(server.url).env, BROWSER: `${home}/browser` } }
      const address = `${server.url}/runtimes/${runtime("1").id}`
      const printed = yield* runMuster(["open", "opencode", "--print"], around)
      assert.deepStrictEqual([printed.stdout, existsSync(`${home}/opened`)], [`${address}\n`, false])
      const opened = yield* runMuster(["open", "opencode"], around)
      assert.deepStrictEqual([opened.stdout, readFileSync(`${home}/opened`, "utf8")], [`${address}\n`, address])
      const failing = yield* runMuster(["open", "opencode"], { env: { ...around.env, BROWSER: "/nowhere" } })
      assert.strictEqual(failing.stderr, "note:  /nowhere could not open it: open the address in a browser\n")
    }))
})
