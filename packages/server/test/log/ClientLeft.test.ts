import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { connect } from "node:net"
import { openSocket } from "../support/DaemonSocket.ts"
import type { Muster } from "../support/Muster.ts"
import { rawRequest, rawText } from "../support/Raw.ts"
import { startHome } from "../support/Scene.ts"

type Ending = "finish" | "reset"
const endings: ReadonlyArray<Ending> = ["finish", "reset"]

/** Sends this and ends the connection, once the server has read it: by then it has answered a later connection. */
const leave = (muster: Muster, text: string, ending: Ending) =>
  Effect.gen(function*() {
    const { hostname, port } = new URL(muster.url)
    const socket = yield* Effect.callback<ReturnType<typeof connect>>((resume) => {
      const socket = connect(Number(port), hostname, () => socket.write(text, () => resume(Effect.succeed(socket))))
      socket.on("error", () => {})
    })
    yield* muster.nobody.get("/health")
    yield* Effect.sync(() => ending === "reset" ? socket.resetAndDestroy() : socket.destroy())
  })

/** Routes that read a body: untyped, and typed. `{codex}`, `{request}` stand for ids. */
const routes = [
  "POST /api/daemon/heartbeat",
  "POST /api/daemon/register",
  "POST /api/daemon/deregister",
  "POST /api/daemon/runtimes/{codex}/models/{request}/result",
  "POST /api/workspaces",
  "POST /api/tokens",
  "PATCH /api/runtimes/{codex}",
  "POST /api/runtimes/{codex}/update",
  "POST /api/runtimes/{codex}/local-skills/import"
]

const startLeft = Effect.fnUntraced(function*(options: Parameters<typeof startHome>[0] = {}) {
  const scene = yield* startHome(options)
  const { ana, codex, home, muster } = scene
  const request = yield* scene.waitingRequest(codex.id)
  const headers = [`Authorization: Bearer ${ana.token}`, `X-Workspace-ID: ${home}`, "Content-Type: application/json"]
  const lineOf = (route: string) => route.replace("{codex}", codex.id).replace("{request}", request.id)
  return { ...scene, headers, lineOf, shown: shownIn(muster) }
})

/** The level and status of the one line about the requests to a path. */
const shownIn = (muster: Muster) => (line: string) =>
  Effect.map(
    muster.requestLines(line.split(" ")[1]!.split("?")[0]!, 1),
    (lines) => lines.map(({ annotations, level }) => `${level} ${annotations["status"]}`).join()
  )

const upgrade = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA=="
]

const alarms = ({ lines }: Muster) => lines.filter(({ level }) => level !== "Info")

describe("a client that disconnects", () => {
  it.effect.each(endings)(
    "F-11 a body that is cut off is one line at info, on every route (%s)",
    (ending) =>
      Effect.gen(function*() {
        const { headers, lineOf, muster, shown } = yield* startLeft()
        for (const route of routes) {
          const line = lineOf(route)
          yield* leave(muster, rawText(line, [...headers, "Content-Length: 999"], "{\"a\":"), ending)
          assert.strictEqual(yield* shown(line), "Info 499", route)
        }
        assert.deepStrictEqual(alarms(muster), [])
      })
  )

  it.effect("F-11 a body that never ends is one line at info when the server closes the connection", () =>
    Effect.gen(function*() {
      const http = { requestTimeout: 200, connectionsCheckingInterval: 20 }
      const { headers, lineOf, muster, shown } = yield* startLeft({ http })
      for (const route of routes) {
        const line = lineOf(route)
        yield* rawRequest(muster.url, rawText(line, [...headers, "Content-Length: 999"], "{\"a\":"))
        assert.strictEqual(yield* shown(line), "Info 499", route)
      }
      assert.deepStrictEqual(alarms(muster), [])
    }))

  it.effect.each(endings)(
    "F-11 a reader of events or of a long poll that vanishes is one line at info (%s)",
    (ending) =>
      Effect.gen(function*() {
        const { headers, lineOf, muster, shown } = yield* startLeft()
        const [events, poll] = ["GET /api/events", lineOf("GET /api/runtimes/{codex}/models/{request}?wait=20")]
        yield* leave(muster, rawText(events, headers), ending)
        assert.strictEqual(yield* shown(events), "Info 200")
        yield* leave(muster, rawText(poll, headers), ending)
        assert.strictEqual(yield* shown(poll), "Info 499")
        assert.deepStrictEqual(alarms(muster), [])
      })
  )

  it.effect("F-11 a socket that falls silent is one line at info", () =>
    Effect.gen(function*() {
      const { ana, codex, muster } = yield* startLeft()
      const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token, { autoPong: false })
      yield* TestClock.adjust("60 seconds")
      assert.strictEqual(yield* socket.closed, 4000)
      const lines = yield* muster.requestLines("/api/daemon/ws", 1)
      assert.deepStrictEqual(lines.map(({ level }) => level), ["Info"])
      assert.deepStrictEqual(alarms(muster), [])
    }))

  it.effect.each(endings)(
    "F-11 a socket that ends without a close frame, or with junk, is one line at info (%s)",
    (ending) =>
      Effect.gen(function*() {
        const { ana, codex, headers, lineOf, muster } = yield* startLeft()
        const line = lineOf("GET /api/daemon/ws?runtime_ids={codex}")
        const text = rawText(line, [...headers, ...upgrade]).replace("Connection: close\r\n", "")
        yield* leave(muster, text, ending)
        yield* rawRequest(muster.url, Buffer.concat([Buffer.from(text), Buffer.from("\x83nonsense", "latin1")]))
        const socket = yield* openSocket(muster.url, `?runtime_ids=${codex.id}`, ana.token)
        yield* socket.send("x".repeat(5_000))
        yield* socket.closed
        const lines = yield* muster.requestLines("/api/daemon/ws", 3)
        assert.deepStrictEqual(lines.map(({ level }) => level), ["Info", "Info", "Info"])
        assert.deepStrictEqual(alarms(muster), [])
      })
  )
})
