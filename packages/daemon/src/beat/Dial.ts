import { WebSocket } from "@effect/platform-node/NodeWS"
import { maxFrameToDaemon, type RuntimeId } from "@muster/domain"
import { Context, Effect, Layer, Queue, type Redacted, type Scope } from "effect"
import { Socket } from "effect/socket"
import { Identity } from "../identity/Identity.ts"
import { Intervals } from "../Intervals.ts"
import { HostEnvironment } from "../process/HostEnvironment.ts"
import { clientHeaders } from "../server/ClientHeaders.ts"
import { proxyFor, throughProxy } from "../server/Proxy.ts"
import { parseServerUrl } from "../server/ServerUrl.ts"
import { SocketEnded } from "./SocketEnded.ts"
import { openTunnel } from "./Tunnel.ts"

export interface Connection {
  /** The next frames; fails when the connection ends. */
  readonly frames: Effect.Effect<ReadonlyArray<string | Uint8Array>, SocketEnded>
  readonly send: (frame: string) => Effect.Effect<void, SocketEnded>
  /** Waits until anything is heard: a frame, or a ping of the protocol. */
  readonly heard: Effect.Effect<void>
}

/** Opens the socket. The scope owns the connection. */
export class Dial extends Context.Service<Dial, {
  readonly dial: (ids: ReadonlyArray<RuntimeId>) => Effect.Effect<Connection, SocketEnded, Scope.Scope>
}>()("@muster/daemon/beat/Dial") {}

/** How long a peer may take to answer the closing handshake, in ms; one that does not would keep the process from ending. */
const closeTimeout = 500

const handshakeRefused = /Unexpected server response: (\d{3})/

const ended = (through: string) => ({ reason }: Socket.SocketError): SocketEnded => {
  if (reason._tag === "SocketCloseError") {
    return new SocketEnded({ reason: `closed with ${reason.message}${through}`, status: null })
  }
  const cause = "cause" in reason ? reason.cause as { readonly message?: unknown; readonly code?: unknown } : undefined
  const words = [cause?.message, cause?.code].find((word) => typeof word === "string" && word !== "")
  const said = typeof words === "string" ? words : reason.message
  const status = handshakeRefused.exec(said)?.[1]
  return new SocketEnded({ reason: `${said}${through}`, status: status === undefined ? null : Number(status) })
}

/**
 * The socket over `ws` rather than Node's own WebSocket, which hides three things that matter here: the server's pings
 * (a v0.3.1 server may send nothing else for long), the status of a refused handshake, and a bound on a frame's size.
 * Through the environment's proxy it goes by CONNECT. Source: `wire.md` 6.1, 6.4, 6.5.
 */
export const layerDial = (options: { readonly serverUrl: string; readonly token: Redacted.Redacted }) =>
  Layer.effect(
    Dial,
    Effect.gen(function*() {
      const identity = yield* Identity
      const { handshake } = yield* Intervals
      const url = yield* parseServerUrl(options.serverUrl)
      const proxy = yield* proxyFor(url.http, yield* HostEnvironment)
      const headers = clientHeaders({ ...identity, token: options.token, platform: process.platform })
      const onError = ended(throughProxy(proxy))

      const tunnel = (proxy: URL, target: URL) =>
        openTunnel(proxy, target).pipe(Effect.timeoutOrElse({
          duration: handshake,
          orElse: () =>
            Effect.fail(new SocketEnded({ reason: `the proxy ${proxy.host} made no tunnel in time`, status: null }))
        }))

      const dial = Effect.fnUntraced(function*(ids: ReadonlyArray<RuntimeId>) {
        const pings = yield* Queue.sliding<void>(1)
        const hear = () => void Queue.offerUnsafe(pings, undefined)
        const target = `${url.socket}/api/daemon/ws?runtime_ids=${encodeURIComponent(ids.join(","))}`
        const way = proxy === undefined ? {} : { createConnection: yield* tunnel(proxy, new URL(target)) }
        const open = Effect.acquireRelease(
          Effect.sync(() => {
            const bounds = { maxPayload: maxFrameToDaemon, perMessageDeflate: false, closeTimeout }
            const socket = new WebSocket(target, { headers, ...bounds, ...way })
            return socket.on("ping", hear).on("message", hear)
          }),
          // A peer that is not there any more would not answer the closing handshake either.
          (socket) => Effect.sync(() => socket.readyState === WebSocket.OPEN ? socket.close(1000) : socket.terminate())
        )
        const socket = yield* Socket.fromWebSocket(open, { openTimeout: handshake })
        const reader = yield* Effect.mapError(socket.reader, onError)
        const writer = yield* socket.writer
        return {
          frames: Effect.mapError(reader.pull, onError),
          send: (frame: string) => Effect.mapError(writer.write(frame), onError),
          heard: Queue.take(pings)
        }
      })
      return { dial }
    })
  )
