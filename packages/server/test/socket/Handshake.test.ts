import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { type IncomingHttpHeaders, request } from "node:http"
import { startHome } from "../support/Scene.ts"

interface Asked {
  readonly path: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Refusal {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

const handshake = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "AQIDBAUGBwgJCgsMDQ4PEA=="
}

/** Asks for an upgrade and gets a response instead. An upgrade is a defect. */
const refusal = (url: string, { headers, path, token }: Asked) =>
  Effect.callback<Refusal>((resume) => {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const asked = request(url + path, { headers: { ...handshake, ...authorization, ...headers } })
    asked.on("upgrade", (_, socket) => {
      socket.destroy()
      resume(Effect.die(new Error("the connection was upgraded")))
    })
    asked.on("error", (error) => resume(Effect.die(error)))
    asked.on("response", (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("end", () =>
        resume(Effect.succeed({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString()
        })))
    })
    asked.end()
    return Effect.sync(() => asked.destroy())
  })

const upgradeRequired = { error: "a WebSocket upgrade is required", code: "bad_request" }

/** Handshakes that are no valid WebSocket handshake. */
const invalid = [
  ["a key of another length", { "sec-websocket-key": "short" }],
  ["a version that is not supported", { "sec-websocket-version": "7" }],
  ["a subprotocol that is no word", { "sec-websocket-protocol": "a b" }],
  ["another protocol", { upgrade: "h2c" }]
] as const

describe("the handshake of a socket", () => {
  it.effect.each(invalid)(
    "6.1 %s: 400 with the headers of every response, and one line",
    ([, headers]) =>
      Effect.gen(function*() {
        const { ana, codex, muster } = yield* startHome()
        const path = `/api/daemon/ws?runtime_ids=${codex.id}`
        const refused = yield* refusal(muster.url, { path, token: ana.token, headers })
        assert.strictEqual(refused.status, 400)
        assert.deepStrictEqual(JSON.parse(refused.text), upgradeRequired)
        assert.strictEqual(refused.headers["cache-control"], "no-store")
        assert.isString(refused.headers["content-security-policy"])
        const lines = yield* muster.requestLines("/api/daemon/ws", 1)
        assert.deepStrictEqual(lines.map(({ annotations }) => annotations["status"]), [400])
        assert.strictEqual(refused.headers["x-request-id"], lines[0]!.annotations["request_id"])
      })
  )

  it.effect("6.1 a request for an upgrade passes the checks of every request", () =>
    Effect.gen(function*() {
      const { ana, codex, muster } = yield* startHome({ loopbackOnly: true })
      const path = `/api/daemon/ws?runtime_ids=${codex.id}`
      const foreign = yield* refusal(muster.url, { path, token: ana.token, headers: { host: "muster.example" } })
      const unknown = yield* refusal(muster.url, { path: "/api/nothing", token: ana.token })
      const anonymous = yield* refusal(muster.url, { path })
      assert.deepStrictEqual([foreign.status, unknown.status, anonymous.status], [421, 404, 401])
      for (const { headers } of [unknown, anonymous]) assert.isString(headers["content-security-policy"])
    }))

  it.effect.each(["websocket", "h2c"])(
    "a route without a socket answers a request for an upgrade to %s",
    (upgrade) =>
      Effect.gen(function*() {
        const { muster } = yield* startHome()
        const { status, text } = yield* refusal(muster.url, { path: "/health", headers: { upgrade } })
        assert.deepStrictEqual([status, text.trim()], [200, "{\"status\":\"ok\"}"])
      })
  )

  it.effect("F-11 a daemon that disconnects before its upgrade is one line at info, and its session ends", () =>
    Effect.gen(function*() {
      const [asked, go] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const { ana, codex, muster } = yield* startHome({
        wraps: {
          access: (real) => ({
            authenticate: (hash) =>
              Effect.andThen(
                Deferred.succeed(asked, undefined),
                Effect.andThen(Deferred.await(go), real.authenticate(hash))
              )
          })
        }
      })
      const path = `/api/daemon/ws?runtime_ids=${codex.id}`
      const dial = yield* Effect.forkScoped(refusal(muster.url, { path, token: ana.token }))
      yield* Deferred.await(asked)
      dial.interruptUnsafe()
      yield* Deferred.succeed(go, undefined)
      const lines = yield* muster.requestLines("/api/daemon/ws", 1)
      assert.deepStrictEqual(lines.map(({ level }) => level), ["Info"])
      assert.match((yield* muster.nobody.get("/metrics")).text, /^muster_sockets_open 0$/m)
    }))
})
