import { type ClientOptions, WebSocket } from "@effect/platform-node/NodeWS"
import { Deferred, Effect, Queue } from "effect"

/** The result of a refused dial. */
export interface Refusal {
  readonly status: number
  readonly body: unknown
}

const dial = (url: string, query: string, token: string | undefined, options: ClientOptions = {}) =>
  new WebSocket(`${url.replace("http:", "ws:")}/api/daemon/ws${query}`, {
    perMessageDeflate: false,
    ...options,
    headers: { ...options.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  })

/** Dials and is refused: the response before the upgrade. An upgrade is a defect. */
export const refusedSocket = (url: string, query: string, token?: string) =>
  Effect.callback<Refusal>((resume) => {
    const socket = dial(url, query, token)
    socket.on("open", () => {
      socket.terminate()
      resume(Effect.die(new Error("the socket was let in")))
    })
    socket.on("error", (error) => resume(Effect.die(error)))
    socket.on("unexpected-response", (_, response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("end", () => {
        socket.on("error", () => {})
        socket.terminate()
        resume(Effect.succeed({
          status: response.statusCode ?? 0,
          body: JSON.parse(Buffer.concat(chunks).toString())
        }))
      })
    })
  })

/** A daemon's open socket; it is cut when the scope ends. */
export const openSocket = Effect.fnUntraced(function*(
  url: string,
  query: string,
  token: string,
  options: ClientOptions = {}
) {
  const frames = yield* Queue.unbounded<any>()
  const pings = yield* Queue.unbounded<void>()
  const pongs = yield* Queue.unbounded<void>()
  const closed = yield* Deferred.make<number>()
  const socket = yield* Effect.acquireRelease(
    Effect.callback<WebSocket>((resume) => {
      const socket = dial(url, query, token, options)
      socket.on("message", (data) => Queue.offerUnsafe(frames, JSON.parse(data.toString())))
      socket.on("ping", () => Queue.offerUnsafe(pings, undefined))
      socket.on("pong", () => Queue.offerUnsafe(pongs, undefined))
      socket.on("close", (code) => Deferred.doneUnsafe(closed, Effect.succeed(code)))
      socket.on("open", () => resume(Effect.succeed(socket)))
      socket.on("error", (error) => resume(Effect.die(error)))
    }),
    (socket) =>
      Effect.suspend(() => {
        socket.terminate()
        return Deferred.await(closed)
      })
  )
  const send = (text: string | Uint8Array) => Effect.sync(() => socket.send(text))
  return {
    /** The negotiated options beyond plain frames. */
    extensions: socket.extensions,
    send,
    beat: (runtimeId: string, more: object = {}) =>
      send(JSON.stringify({ type: "daemon:heartbeat", payload: { runtime_id: runtimeId, ...more } })),
    /** The next frame, as JSON. */
    next: Queue.take(frames),
    /** The next ping of the server. Unless the options have `autoPong: false`, it is answered by then. */
    pinged: Queue.take(pings),
    /** The pings of the server since the last call. */
    pings: Queue.clear(pings),
    /** Waits until the server has read everything written before, without a frame of ours. */
    caughtUp: Effect.suspend(() => {
      socket.ping()
      return Queue.take(pongs)
    }),
    /** Closes with a close frame, as a daemon that stops does. */
    close: Effect.sync(() => socket.close(1000)),
    /** Ends the connection without a close frame. */
    cut: Effect.sync(() => socket.terminate()),
    /** Reads and answers nothing from now on, as a process that is stopped. */
    freeze: Effect.sync(() => socket.pause()),
    /** The close code, once it is closed. */
    closed: Deferred.await(closed)
  }
})

/** A plain ack without work. */
export const ackOf = (runtimeId: string, more: object = {}) => ({
  type: "daemon:heartbeat_ack",
  payload: { runtime_id: runtimeId, status: "ok", ...more }
})

export const goneOf = (runtimeId: string) => ({
  type: "daemon:heartbeat_ack",
  payload: { runtime_id: runtimeId, status: "runtime_gone", runtime_gone: true }
})
