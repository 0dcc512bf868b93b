import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { once } from "node:events"
import { type AddressInfo, connect, createServer } from "node:net"
import { lineTo } from "../../src/fault/Line.ts"

/** A connection of the test's own to this port. */
const dial = (port: number) =>
  Effect.acquireRelease(
    Effect.sync(() => connect(port, "127.0.0.1").setNoDelay(true)),
    (socket) => Effect.sync(() => socket.destroy())
  )

/** An echo server, and a connection to it through a line. */
const scene = Effect.gen(function*() {
  let accepted = 0
  const server = createServer((socket) => {
    accepted++
    socket.on("error", () => socket.destroy()).pipe(socket)
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => server.close())
  )
  const { port } = server.address() as AddressInfo
  const line = yield* lineTo(port)
  const socket = yield* dial(line.port)
  const say = (text: string) => Effect.sync(() => void socket.write(text))
  const answer = Effect.map(Effect.promise(() => once(socket, "data")), ([chunk]) => String(chunk))
  return { accepted: () => accepted, answer, line, port, say, socket }
})

describe("a line that withholds an answer", () => {
  it.effect("matches the words in any chunks, and counts each once", () =>
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

describe("a line that is redirected", () => {
  it.effect("keeps open connections, and leads new ones to the other port", () =>
    Effect.gen(function*() {
      const { answer, line, say } = yield* scene
      yield* say("before")
      assert.strictEqual(yield* answer, "before")
      const other = yield* scene
      yield* other.say("there")
      yield* other.answer
      yield* line.redirect(other.port)
      yield* say("after")
      assert.strictEqual(yield* answer, "after")
      assert.strictEqual(other.accepted(), 1)
      const second = yield* dial(line.port)
      second.write("second")
      assert.strictEqual(String((yield* Effect.promise(() => once(second, "data")))[0]), "second")
      assert.strictEqual(other.accepted(), 2)
    }))
})
