import { Clock, Effect } from "effect"
import { connect, createServer } from "node:net"
import { RedisError } from "./RedisError.ts"

/** A real server takes real time, whatever clock a test runs on. */
export const onRealTime: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = Effect.provideService(
  Clock.Clock,
  Clock.Clock.defaultValue()
)

/** A port of 127.0.0.1 that nobody listens to just now. */
export const freePort: Effect.Effect<number, RedisError> = Effect.callback((resume) => {
  const probe = createServer()
  probe.once("error", (cause) => resume(Effect.fail(new RedisError({ message: "There is no free port", cause }))))
  probe.listen(0, "127.0.0.1", () => {
    const address = probe.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    probe.close(() => resume(Effect.succeed(port)))
  })
})

/** One command, by a connection of its own; words without blanks. Answers the reply as it came, an error's as a failure. */
export const tell = (port: number, ...words: ReadonlyArray<string | number>): Effect.Effect<string, RedisError> =>
  Effect.callback((resume) => {
    const fail = (cause: unknown) =>
      resume(Effect.fail(new RedisError({ message: `Redis on port ${port} did not take "${words.join(" ")}"`, cause })))
    const socket = connect(port, "127.0.0.1", () => socket.write(`${words.join(" ")}\r\nQUIT\r\n`))
    let reply = ""
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      reply += chunk
    })
    socket.once("error", fail)
    // The last line answers QUIT.
    socket.once(
      "close",
      () => reply.startsWith("-") || reply === "" ? fail(reply) : resume(Effect.succeed(reply.replace(/\+OK\r\n$/, "")))
    )
    return Effect.sync(() => void socket.destroy())
  })
