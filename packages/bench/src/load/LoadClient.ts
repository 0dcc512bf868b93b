import { Effect } from "effect"
import { connect, type Socket } from "node:net"
import { BenchFailure } from "./BenchFailure.ts"

/** One HTTP/1.1 request as bytes, sent repeatedly. */
export const requestBytes = (input: {
  readonly path: string
  readonly token: string
  readonly body: string
}): Buffer =>
  Buffer.from([
    `POST ${input.path} HTTP/1.1`,
    "Host: 127.0.0.1",
    `Authorization: Bearer ${input.token}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(input.body)}`,
    "",
    input.body
  ].join("\r\n"))

const headEnd = Buffer.from("\r\n\r\n")

/** The end of the first complete response in the buffer, or -1. Reads Content-Length only: both servers send it. */
const responseEnd = (buffer: Buffer): number => {
  const head = buffer.indexOf(headEnd)
  if (head < 0) return -1
  const length = /content-length: (\d+)/i.exec(buffer.toString("latin1", 0, head))?.[1]
  const end = head + 4 + Number(length ?? 0)
  return buffer.length >= end ? end : -1
}

interface Answered {
  readonly count: number
  /** Per second. */
  readonly rate: number
}

/**
 * Sends the requests in turn over `connections` kept-alive connections, each waiting for its answer before the next, for
 * `millis` or until there are `enough` answers. Returns the number of answers. A status other than 200 fails the run.
 */
export const load = (
  port: number,
  requests: ReadonlyArray<Buffer>,
  connections: number,
  millis: number,
  enough = Number.POSITIVE_INFINITY
) =>
  Effect.callback<Answered, BenchFailure>((resume) => {
    let done = 0
    let over = false
    let sent = 0
    const next = () => requests[sent++ % requests.length]!
    const sockets: Array<Socket> = []
    const started = performance.now()
    const finish = (result: Effect.Effect<Answered, BenchFailure>) => {
      if (over) return
      over = true
      for (const socket of sockets) socket.destroy()
      resume(result)
    }
    // Never sleeps: waking an idle core would cost the server's system calls more than the measured work.
    const spin = () => {
      if (!over) setImmediate(spin)
    }
    spin()
    for (let i = 0; i < connections; i++) {
      let pending: Buffer = Buffer.alloc(0)
      const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => socket.write(next()))
      socket.on("error", (error) => finish(Effect.fail(new BenchFailure({ message: error.message }))))
      socket.on("data", (chunk: Buffer) => {
        pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
        const end = responseEnd(pending)
        if (end < 0) return
        if (!pending.toString("latin1", 0, 15).includes(" 200 ")) {
          return finish(Effect.fail(new BenchFailure({ message: pending.toString("latin1", 0, end) })))
        }
        pending = pending.subarray(end)
        done++
        const elapsed = performance.now() - started
        if (elapsed >= millis || done >= enough) {
          return finish(Effect.succeed({ count: done, rate: done / (elapsed / 1000) }))
        }
        socket.write(next())
      })
      sockets.push(socket)
    }
  })
