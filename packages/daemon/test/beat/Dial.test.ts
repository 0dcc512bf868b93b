import { describe, it } from "@effect/vitest"
import { Runtime } from "@muster/domain"
import { Deferred, Effect, Exit, Layer, Redacted, Scope } from "effect"
import { createHash } from "node:crypto"
import { type AddressInfo, createServer } from "node:net"
import { Dial, layerDial } from "../../src/beat/Dial.ts"
import { Identity } from "../../src/identity/Identity.ts"
import { identity } from "../support/Identity.ts"

/** What RFC 6455 adds to the key of a handshake before it is hashed. */
const magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

/** A peer that accepts a socket and then sends nothing, not even in reply to its close. */
const muteServer = Effect.gen(function*() {
  const left = yield* Deferred.make<void>()
  const server = createServer((socket) => {
    socket.on("error", () => {}).on("close", () => Deferred.doneUnsafe(left, Exit.void))
    socket.once("data", (head) => {
      const key = /sec-websocket-key: (.+)\r\n/i.exec(head.toString())![1]!
      const accept = createHash("sha1").update(key + magic).digest("base64")
      const lines = ["HTTP/1.1 101 Switching Protocols", "upgrade: websocket", "connection: upgrade"]
      socket.write([...lines, `sec-websocket-accept: ${accept}`, "", ""].join("\r\n"))
    })
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => server.close())
  )
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, left: Deferred.await(left) }
})

describe("the socket", () => {
  it.live("closes without the answer of a peer to the closing handshake, so that the process can end", () =>
    Effect.gen(function*() {
      const server = yield* muteServer
      const scope = yield* Scope.make()
      const dialed = Layer.provide(
        layerDial({ serverUrl: server.url, token: Redacted.make("mul_secret") }),
        Layer.succeed(Identity, identity)
      )
      const { dial } = yield* Effect.provide(Dial, dialed)
      yield* Scope.provide(dial([Runtime.RuntimeId.make("bbbbbbbb-0000-4000-8000-000000000001")]), scope)
      yield* Scope.close(scope, Exit.void)
      // By itself `ws` waits for 30 s, longer than this test may take.
      yield* server.left
    }))
})
