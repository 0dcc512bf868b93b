import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { connect } from "node:net"
import { text } from "node:stream/consumers"
import { startMuster } from "../support/Muster.ts"

describe("a server that stops", () => {
  it.effect("answers a call whose connection the system has accepted, and which it has not read", () =>
    Effect.gen(function*() {
      const server = yield* startMuster()
      const port = Number(new URL(server.url).port)
      const calls = Array.from({ length: 20 }, () => {
        const socket = connect(port, "127.0.0.1")
        socket.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        return text(socket).catch(String)
      })
      // Node connects in its next tick; on this machine, the system then accepts at once.
      yield* Effect.promise(() => new Promise<void>((resolve) => process.nextTick(resolve)))
      yield* server.stop
      for (const answer of yield* Effect.promise(() => Promise.all(calls))) assert.match(answer, /^HTTP\/1\.1 200 OK/)
    }))
})
