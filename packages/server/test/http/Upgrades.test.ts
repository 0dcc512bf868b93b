import { WebSocket } from "@effect/platform-node/NodeWS"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { HttpServer, HttpServerRequest } from "effect/http"
import { makeListener } from "../../src/http/makeListener.ts"
import { upgraded, Upgrades } from "../../src/http/Upgrades.ts"
import { layerSocketServer } from "../../src/socket/SocketServer.ts"

const layer = layerSocketServer(() => makeListener(), { host: "127.0.0.1", port: 0 }).pipe(
  Layer.provideMerge(Upgrades.layer)
)

/** Opens a socket, and returns the code with which it is closed. */
const dial = (url: string) =>
  Effect.callback<number>((resume) => {
    const socket = new WebSocket(url.replace("http:", "ws:"))
    socket.on("error", () => {})
    socket.on("close", (code) => resume(Effect.succeed(code)))
    return Effect.sync(() => socket.terminate())
  })

/** Serves one route that upgrades, and returns the code with which a client's socket is closed. */
const served = Effect.fnUntraced(function*(begin: (socket: WebSocket) => void) {
  const upgrades = yield* Upgrades
  const server = yield* HttpServer.HttpServer
  const app = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => upgrades.open(request, begin))
  yield* server.serve(Effect.as(app, upgraded))
  return yield* dial(HttpServer.formatAddress(server.address))
})

describe("the upgrade of a request", () => {
  it.effect("the socket is open when it begins, and lives on after the request", () =>
    Effect.gen(function*() {
      const ended = Promise.withResolvers<void>()
      const code = yield* served((socket) => {
        assert.strictEqual(socket.readyState, WebSocket.OPEN)
        socket.on("pong", () => ended.resolve())
        socket.ping()
        void ended.promise.then(() => socket.close(4_321))
      })
      assert.strictEqual(code, 4_321)
    }).pipe(Effect.provide(layer)))

  it.effect("a defect at the beginning cuts the socket, and sends no response into it", () =>
    Effect.gen(function*() {
      // A response would be a protocol error: 1002.
      const code = yield* served(() => {
        throw new Error("boom")
      })
      assert.strictEqual(code, 1_006)
    }).pipe(Effect.provide(layer)))
})
