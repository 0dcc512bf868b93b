import { WebSocket } from "@effect/platform-node/NodeWS"
import { DaemonSocket, type Runtime } from "@muster/domain"
import { Context, Effect, Layer, Queue, type Redacted, type Scope } from "effect"
import { Socket } from "effect/socket"
import type { Socket as TcpSocket } from "node:net"
import { headersOf } from "../client/headersOf.ts"
import { proxyFor, throughProxy } from "../client/Proxy.ts"
import { parseServerUrl } from "../client/ServerUrl.ts"
import { addressOf, openTunnel } from "../client/Tunnel.ts"
import { Intervals } from "../Intervals.ts"
import { HostEnvironment } from "../process/HostEnvironment.ts"
import { readRefusedUpgrade, type RefusedUpgrade, SocketEnded } from "./SocketEnded.ts"

export interface Connection {
  /** The next frames; fails when the connection ends. */
  readonly frames: Effect.Effect<ReadonlyArray<string | Uint8Array>, SocketEnded>
  readonly send: (frame: string) => Effect.Effect<void, SocketEnded>
  /** Waits for the next frame or protocol ping. */
  readonly heard: Effect.Effect<void>
}

/** Opens the socket. The scope owns the connection. */
export class Dial extends Context.Service<Dial, {
  readonly dial: (ids: ReadonlyArray<Runtime.RuntimeId>) => Effect.Effect<Connection, SocketEnded, Scope.Scope>
}>()("@muster/daemon/beat/Dial") {}

/** The timeout of the closing handshake, in ms. Without it, a peer that does not answer would keep the process from ending. */
const closeTimeout = 500

/** The maximum length of the body of a refused handshake, in characters. */
const maxRefusal = 1_024

/** The error of a handshake without an answer: some proxies close a handshake that they do not support. */
const isUnanswered = /hang up|ECONNRESET|timeout waiting/

const wordsOf = ({ reason }: Socket.SocketError): string => {
  if (reason._tag === "SocketCloseError") return `closed with ${reason.message}`
  const cause = "cause" in reason ? reason.cause as { readonly message?: unknown; readonly code?: unknown } : undefined
  const words = [cause?.message, cause?.code].find((word) => typeof word === "string" && word !== "")
  const said = typeof words === "string" ? words : reason.message
  return reason._tag === "SocketOpenError" && isUnanswered.test(said)
    ? `${said}: no answer to the handshake; a proxy in front of the server may not pass WebSocket upgrades`
    : said
}

/** Reads the response of a refused handshake and closes the handshake: `ws` leaves both to its listener. */
const onRefusal = (socket: WebSocket, refused: (answer: RefusedUpgrade) => void) =>
  socket.on("unexpected-response", (_, response) => {
    let body = ""
    let over = false
    const end = () => {
      if (over) return
      over = true
      refused({ status: response.statusCode ?? 0, headers: response.headers, body })
      socket.terminate()
    }
    response.setEncoding("utf8").on("data", (chunk: string) => {
      body = (body + chunk).slice(0, maxRefusal)
      if (body.length === maxRefusal) end()
    }).on("end", end).on("error", end).on("close", end)
  })

/**
 * The socket over `ws` rather than Node's own WebSocket, which hides three things that matter here: the server's pings
 * (a v0.3.1 server may send nothing else for long), the status of a refused handshake, and a bound on a frame's size.
 * Through the environment's proxy it goes by CONNECT. Source: `docs/protocol.md` 6.1, 6.4, 6.5.
 */
export const layerDial = (options: { readonly serverUrl: string; readonly token: Redacted.Redacted }) =>
  Layer.effect(
    Dial,
    Effect.gen(function*() {
      const { handshake } = yield* Intervals
      const url = yield* parseServerUrl(options.serverUrl)
      const proxy = yield* proxyFor(url.http, yield* HostEnvironment)
      const headers = yield* headersOf(options)
      const through = throughProxy(proxy)

      /** A connection through the proxy, for one use. The end of the scope closes one that was not used. */
      const tunnel = Effect.fnUntraced(function*(proxy: URL, target: URL) {
        let taken = false
        const where = { ...addressOf(target), secure: target.protocol === "wss:", within: handshake }
        const socket = yield* Effect.acquireRelease(
          Effect.callback<TcpSocket, SocketEnded>((resume) => {
            const abandon = openTunnel(proxy, where, (result) =>
              resume(
                "socket" in result
                  ? Effect.succeed(result.socket)
                  : Effect.fail(new SocketEnded({ reason: `the proxy ${proxy.host} ${result.problem}`, status: null }))
              ))
            return Effect.sync(abandon)
          }),
          (socket) => Effect.sync(() => taken ? undefined : socket.destroy()),
          { interruptible: true }
        )
        return () => {
          taken = true
          return socket
        }
      })

      const dial = Effect.fnUntraced(function*(ids: ReadonlyArray<Runtime.RuntimeId>) {
        const pings = yield* Queue.sliding<void>(1)
        let refusal: RefusedUpgrade | undefined
        const ended = (error: Socket.SocketError): SocketEnded => {
          if (refusal === undefined) return new SocketEnded({ reason: wordsOf(error) + through, status: null })
          const { noUpgrade, reason } = readRefusedUpgrade(refusal)
          return new SocketEnded({ reason: reason + through, status: refusal.status, noUpgrade })
        }
        const hear = () => void Queue.offerUnsafe(pings, undefined)
        const target = `${url.socket}/api/daemon/ws?runtime_ids=${encodeURIComponent(ids.join(","))}`
        const way = proxy === undefined ? {} : { createConnection: yield* tunnel(proxy, new URL(target)) }
        const open = Effect.acquireRelease(
          Effect.sync(() => {
            const bounds = { maxPayload: DaemonSocket.maxFrameToDaemon, perMessageDeflate: false, closeTimeout }
            const socket = new WebSocket(target, { headers: headers(), ...bounds, ...way })
            onRefusal(socket, (answer) => void (refusal = answer))
            return socket.on("ping", hear).on("message", hear)
          }),
          // A peer that is gone would not answer the closing handshake either.
          (socket) => Effect.sync(() => socket.readyState === WebSocket.OPEN ? socket.close(1000) : socket.terminate())
        )
        const socket = yield* Socket.fromWebSocket(open, { openTimeout: handshake })
        const reader = yield* Effect.mapError(socket.reader, ended)
        const writer = yield* socket.writer
        return {
          frames: Effect.mapError(reader.pull, ended),
          send: (frame: string) => Effect.mapError(writer.write(frame), ended),
          heard: Queue.take(pings)
        }
      })
      return { dial }
    })
  )
