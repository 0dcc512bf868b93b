import { assert, describe, it } from "@effect/vitest"
import { Kinds, Request, WireError } from "@muster/domain"
import { Effect } from "effect"
import { type PingRecord, runtime } from "./support/Fixtures.ts"
import { runMuster, signedIn } from "./support/runMuster.ts"
import { type Script, scriptedServer } from "./support/ScriptedServer.ts"

const record = (fields: Partial<PingRecord> & Pick<PingRecord, "status">): PingRecord => ({
  id: Request.RequestId.make("0".repeat(32)),
  runtimeId: runtime("1").id,
  createdAt: 1_000,
  updatedAt: 1_500,
  ...fields
})

const well = record({ status: "completed", transport: "socket", held_ms: 480, cli_version: "1.2.3", cli_ms: 470 })

const ping = Effect.fnUntraced(function*(pings: NonNullable<Script["pings"]>, ...args: ReadonlyArray<string>) {
  const server = yield* scriptedServer({ runtimes: [runtime("1")], pings })
  return yield* runMuster(["ping", "opencode", ...args], signedIn(server.url))
})

describe("muster ping", () => {
  it.live("S-06 shows transport, receive path and execution separately, with their times", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* ping([record({ status: "pending" }), record({ status: "running" }), well])
      assert.strictEqual(code, 0)
      assert.match(stdout, /^transport +ok +heartbeats arrive$/m)
      assert.match(stdout, /^receive +ok +was reached over its socket: 20 ms there and back$/m)
      assert.match(stdout, /^execution +starts +starts \(1\.2\.3, in 470 ms\); not used yet$/m)
      // The list was read before, and beats are written late: the last beat is older than the answer.
      assert.notMatch(stdout, /last heartbeat/)
    }))

  it.live("S-06 online, but not receiving work: exit code 5", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* ping([
        record({ status: "timeout", error: Kinds.Ping.terms.texts.pending })
      ])
      assert.strictEqual(code, 5)
      assert.match(
        stdout,
        /^transport +ok.*\nreceive +broken +picked nothing up within 35 s\nexecution +unknown.*\nlast heartbeat: /m
      )
      assert.match(stderr, /error: Opencode 1 is online, but not receiving work\nnext: {2}try again, /)
    }))

  it.live("S-06 reachable, but its CLI does not run: exit code 6 and the CLI's own words; --json reports the same", () =>
    Effect.gen(function*() {
      const broken = record({ status: "completed", transport: "beat", held_ms: 5, cli_error: "exit code 127" })
      const { code, stderr, stdout } = yield* ping([broken], "--json")
      assert.strictEqual(code, 6)
      assert.match(stderr, /error: Opencode 1 is reachable, but its CLI does not run: exit code 127\n/)
      assert.deepInclude(JSON.parse(stdout), {
        code: "ping_broken_cli",
        verdict: "reachable, but its CLI does not run",
        execution: { state: "broken", text: "exit code 127" },
        way_ms: 495
      })
    }))

  it.live("F-12 reachable, and its CLI is slow: another verdict than broken", () =>
    Effect.gen(function*() {
      const slow = record({
        status: "completed",
        transport: "beat",
        cli_error: "no answer within 6 s",
        cli_verdict: "slow"
      })
      const { code, stderr, stdout } = yield* ping([slow], "--json")
      assert.strictEqual(code, 5)
      assert.match(stderr, /is reachable; its CLI is slow to answer: no answer within 6 s\nnext: {2}try again/)
      assert.deepInclude(JSON.parse(stdout), {
        code: "ping_slow_cli",
        execution: { state: "slow", text: "no answer within 6 s" }
      })
    }))

  it.live("F-12 a CLI that starts and whose last use failed is unable, with the reason and when: exit code 6", () =>
    Effect.gen(function*() {
      const cli = { used: { at: 60_000, outcome: "unable", text: "codex: not signed in" }, started: null } as const
      const server = yield* scriptedServer({ runtimes: [{ ...runtime("1"), cli }], pings: [well] })
      const { code, stderr, stdout } = yield* runMuster(["ping", "opencode"], signedIn(server.url))
      assert.strictEqual(code, 6)
      assert.match(stdout, /^execution +unable +codex: not signed in \(\d+ d ago\)$/m)
      assert.match(stderr, /is reachable; its CLI starts, but its last use failed: codex: not signed in\nnext: {2}use/)
    }))

  it.live("F-10 a runtime whose daemon does not support pings cannot be pinged, which is no fault of it", () =>
    Effect.gen(function*() {
      const metadata = { version: "1", cli_version: "0.3.1", launched_by: "", capabilities: [] }
      const server = yield* scriptedServer({ runtimes: [{ ...runtime("1"), metadata }], pings: [] })
      const { code, stderr, stdout } = yield* runMuster(["ping", "opencode"], signedIn(server.url))
      assert.strictEqual(code, 5)
      assert.match(
        stdout,
        /^transport +ok.*\nreceive +unknown +its daemon \(0\.3\.1\) does not support pings\nexecution +unknown/m
      )
      assert.match(
        stderr,
        /error: Opencode 1 cannot be pinged: its daemon \(0\.3\.1\) does not support pings\nnext: {2}update/
      )
      assert.notMatch(stdout + stderr, /broken|not receiving/)
    }))

  it.live("S-06 an offline runtime is not asked: exit code 5", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* ping([WireError.runtimeOffline()])
      assert.strictEqual(code, 5)
      assert.match(stdout, /^transport +broken +no heartbeats\nreceive +unknown/m)
      assert.match(stderr, /error: Opencode 1 is offline\n/)
    }))
})
