import { Effect } from "effect"
import { connect } from "node:net"
import { freePort as freePortOr } from "../server/FreePort.ts"
import { RedisError } from "./RedisError.ts"

/** A port of 127.0.0.1 that is free now. */
export const freePort = freePortOr((message, cause) => new RedisError({ message, cause }))

/** A Sentinel's reply to QUIT. */
const unknownQuit = /-ERR unknown command 'QUIT'.*\r\n$/

/**
 * One command, on a connection of its own; words without blanks. Returns the raw reply; an error reply is a failure.
 */
export const tell = (port: number, ...words: ReadonlyArray<string | number>): Effect.Effect<string, RedisError> =>
  Effect.callback((resume) => {
    const fail = (cause: unknown) =>
      resume(Effect.fail(new RedisError({ message: `Redis on port ${port} did not take "${words.join(" ")}"`, cause })))
    const socket = connect(port, "127.0.0.1", () => socket.write(`${words.join(" ")}\r\nQUIT\r\n`))
    let reply = ""
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      reply += chunk
      if (!unknownQuit.test(reply)) return
      reply = reply.replace(unknownQuit, "")
      socket.end()
    })
    socket.once("error", fail)
    // The last line answers QUIT.
    socket.once(
      "close",
      () => reply.startsWith("-") || reply === "" ? fail(reply) : resume(Effect.succeed(reply.replace(/\+OK\r\n$/, "")))
    )
    return Effect.sync(() => void socket.destroy())
  })
