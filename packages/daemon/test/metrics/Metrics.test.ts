import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { DaemonSocket, Kinds } from "@muster/domain"
import { Effect, Layer, Redacted } from "effect"
import { FileSystem } from "effect/FileSystem"
import { readFileSync } from "node:fs"
import { layerDaemonOver } from "../../src/Daemon.ts"
import { DaemonStatus } from "../../src/DaemonStatus.ts"
import { LocalApi } from "../../src/local/LocalApi.ts"
import { registrationOf, registrationReason, withReply } from "../../src/runtime/Registration.ts"
import { emptyState, withClis, withoutGone, withWorkspaces } from "../../src/runtime/RuntimeState.ts"
import { found, idOf, listed, W1 } from "../runtime/harness.ts"
import { FakeClis } from "../support/FakeClis.ts"
import { logLines } from "../support/logLines.ts"
import { WireServer } from "../support/WireServer.ts"

const secondId = "22222222-2222-4333-8444-555555555555"
const thirdId = "33333333-2222-4333-8444-555555555555"

describe("the daemon's /metrics", () => {
  it.live("on the local port: registrations, sockets, acks, work and reports are counted; no id or name is in it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem
      const server = yield* WireServer.make
      const log = yield* logLines
      const [taken, left] = ["ab".repeat(16), "cd".repeat(16)]
      server.script = ({ path }) => {
        if (!path.endsWith("/result")) return undefined
        return path.includes(taken!) ? { status: 200, body: "{\"status\":\"ok\"}" } : null
      }
      // The same requests with each ack: each is worked on once.
      server.onBeat = (id) =>
        [taken, left].map((request) => DaemonSocket.ackFrame(id, { pending_model_list: { id: request } }))
      server.fake.listed = [{ id: W1, name: "Acme" }]
      const daemon = layerDaemonOver({
        serverUrl: server.url,
        token: Redacted.make("mul_secret"),
        dataDir: yield* fs.makeTempDirectoryScoped(),
        deviceName: "Anas machine",
        clientVersion: "0.1.0",
        localPort: 0
      }).pipe(Layer.provide([new FakeClis("codex").layer, log.layer]))
      yield* Effect.gen(function*() {
        yield* (yield* DaemonStatus).awaitReady
        yield* server.request("/result")
        const { port } = yield* LocalApi
        const scrape = Effect.promise(() => fetch(`http://127.0.0.1:${port}/metrics`).then((answer) => answer.text()))
        const until = (wanted: RegExp): Effect.Effect<string> =>
          Effect.flatMap(
            scrape,
            (text) => wanted.test(text) ? Effect.succeed(text) : until(wanted)
          )
        const text = yield* until(/^muster_daemon_reports_total\{outcome="accepted"\} 1$/m)
        assert.match(text, /^muster_daemon_beats_total\{transport="socket",outcome="ok"\} [1-9]/m)
        yield* until(/^muster_daemon_requests_total\{state="completed",kind="model_list"\} 2$/m)
        yield* until(/^muster_daemon_work_seconds_count\{kind="model_list"\} 2$/m)

        assert.include(text, "muster_daemon_registrations_total{reason=\"first\"} 1\n")
        assert.include(text, "muster_daemon_socket_dials_total{outcome=\"opened\"} 1\n")
        assert.include(text, "muster_daemon_socket_connected 1\n")
        // The one without an answer.
        yield* until(/^muster_daemon_outbox_reports 1$/m)
        const page = readFileSync(new URL("../../../../docs/observability.md", import.meta.url), "utf8")
        for (const [, name] of text.matchAll(/^# TYPE (\S+)/gm)) assert.include(page, `\`${name}\``)
        for (const secret of ["Acme", "Anas machine", "codex", server.fake.row(W1, "codex")!.id, W1]) {
          assert.notInclude(text, secret)
        }
        for (const [, kind] of text.matchAll(/kind="([^"]*)"/g)) {
          assert.include([...Kinds.all.map(({ name }) => name), "other"], kind)
        }
      }).pipe(Effect.provide(daemon))
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it("a registration's reason follows from the state", () => {
    const bare = withWorkspaces(withClis(emptyState, found("codex")), listed(W1))
    assert.strictEqual(registrationReason(bare, W1), "first")
    const row = { id: secondId as never, provider: "codex", name: "codex" }
    const [registered] = withReply(bare, registrationOf(bare, W1)!, [row])
    assert.strictEqual(registrationReason(withClis(registered, found("codex", "claude")), W1), "new_cli")
    const newer = found("codex")
    assert.strictEqual(
      registrationReason(
        withClis(registered, { ...newer, found: newer.found.map((cli) => ({ ...cli, version: "2" })) }),
        W1
      ),
      "version"
    )
    const lost = withoutGone(registered, idOf(registered, W1, "codex"))
    assert.strictEqual(registrationReason(lost, W1), "gone")
    // After that, another CLI is new, not gone.
    const [mended] = withReply(lost, registrationOf(lost, W1)!, [{ ...row, id: thirdId as never }])
    assert.strictEqual(registrationReason(withClis(mended, found("codex", "claude")), W1), "new_cli")
  })
})
