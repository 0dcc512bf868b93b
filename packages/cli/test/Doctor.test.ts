import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { runtime } from "./support/Fixtures.ts"
import { makeHome, runMuster, signedIn } from "./support/runMuster.ts"
import { deadServer, scriptedServer } from "./support/ScriptedServer.ts"

interface Document {
  readonly ok: boolean
  readonly checks: ReadonlyArray<
    { readonly name: string; readonly status: string; readonly says: string; readonly next: string | null }
  >
}

const check = ({ checks }: Document, name: string) => checks.find((one) => one.name === name)

describe("muster doctor", () => {
  it.live("reports success, in lines and as one document", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ runtimes: [runtime("1"), runtime("2", { status: "offline" })] })
      const around = { home: yield* makeHome, ...signedIn(server.url) }
      const lines = yield* runMuster(["doctor"], around)
      assert.strictEqual(lines.code, 0)
      assert.match(lines.stdout, /^ok {4}server: http:\S+ is ready \(embedded\)$/m)
      assert.match(lines.stdout, /^ok {4}runtimes: 1 of 2 online: opencode$/m)
      const document: Document = JSON.parse((yield* runMuster(["doctor", "--json"], around)).stdout)
      assert.isTrue(document.ok)
      assert.strictEqual(check(document, "token")?.status, "ok")
    }))

  it.live("C-06 a failed check has the exit code of its class, and states what to do", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* runMuster(["doctor", "--json"], {
        home: yield* makeHome,
        ...signedIn(yield* deadServer)
      })
      const document: Document = JSON.parse(stdout)
      assert.strictEqual(code, 7)
      assert.deepInclude(check(document, "server"), { status: "fail", next: "is it running? try: npm start" })
      assert.isUndefined(check(document, "token"), "what needs the server is not tried without it")
      assert.match(stderr, /^error: 1 of \d+ checks failed: server\nnext: {2}is it running/)
    }))

  it.live("reports why a server is not ready", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({
        readiness: { status: 503, body: { status: "not_ready", checks: { db: "error", migrations: "ok" } } }
      })
      const { code, stdout } = yield* runMuster(["doctor"], { home: yield* makeHome, ...signedIn(server.url) })
      assert.strictEqual(code, 7)
      assert.match(stdout, /^fail {2}server: the server at \S+ is not ready: db: error$/m)
    }))

  it.live("F-28 warns about a ready server whose Redis may lose requests, with what to do", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({
        readiness: {
          status: 200,
          body: {
            status: "ok",
            environment: "cluster",
            checks: { db: "ok", redis: "at_risk" },
            reasons: { redis: "Redis may evict accepted requests: set maxmemory-policy to noeviction" }
          }
        }
      })
      const { code, stdout } = yield* runMuster(["doctor"], { home: yield* makeHome, ...signedIn(server.url) })
      assert.strictEqual(code, 0)
      assert.match(
        stdout,
        /^warn {2}server: \S+ is ready, but redis: Redis may evict .*set maxmemory-policy to noeviction\n {6}→ inform the server's operator/m
      )
    }))

  it.live("warns without a failure while nothing is broken yet", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ runtimes: [] })
      const { code, stdout } = yield* runMuster(["doctor"], { home: yield* makeHome, ...signedIn(server.url) })
      assert.strictEqual(code, 0)
      assert.match(stdout, /^warn {2}runtimes: none of 0 is online\n {6}→ start a daemon/m)
    }))

  it.live("C-06 reports that the person is not signed in", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* runMuster(["doctor"], { home: yield* makeHome })
      assert.strictEqual(code, 3)
      assert.match(stdout, /^warn {2}profile: there is no ~\/\.muster\/profile\.json$/m)
      assert.match(stdout, /^fail {2}sign-in: you are not signed in/m)
    }))
})
