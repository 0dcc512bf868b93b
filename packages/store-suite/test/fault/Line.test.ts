import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { once } from "node:events"
import { type AddressInfo, connect, createServer } from "node:net"
import { lineTo } from "../../src/fault/Line.ts"

/** A server that says everything back, and a connection to it by way of a line. */
const scene = Effect.gen(function*() {
  const server = createServer((socket) => socket.on("error", () => socket.destroy()).pipe(socket))
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => server.close())
  )
  const line = yield* lineTo((server.address() as AddressInfo).port)
  const socket = yield* Effect.acquireRelease(
    Effect.sync(() => connect(line.port, "127.0.0.1").setNoDelay(true)),
    (socket) => Effect.sync(() => socket.destroy())
  )
  const say = (text: string) => Effect.sync(() => void socket.write(text))
  const answer = Effect.map(Effect.promise(() => once(socket, "data")), ([chunk]) => String(chunk))
  return { answer, line, say, socket }
})

describe("a line that is to keep an answer back", () => {
  it.effect("knows the words in whatever pieces they come, and counts each once", () =>
    Effect.gen(function*() {
      const { answer, line, say, socket } = yield* scene
      const kept = yield* Effect.forkChild(line.muteAfter(/claim (\w+);/i, 2), { startImmediately: true })
      for (const piece of ["CLAIM one; cl", "aim t", "w"]) {
        yield* say(piece)
        assert.strictEqual(yield* answer, piece)
      }
      const heard: Array<string> = []
      socket.on("data", (chunk) => void heard.push(String(chunk)))
      yield* say("o;")
      yield* Fiber.join(kept)
      assert.deepStrictEqual(heard, [])
    }))
})
