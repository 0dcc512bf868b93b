import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import { WebSocket, WebSocketServer } from "@effect/platform-node/NodeWS"
import { DaemonSocket, WireError } from "@muster/domain"
import { serverStop } from "@muster/kit"
import { Context, Effect, Layer } from "effect"
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import type { NonSharedBuffer } from "node:buffer"
import { type IncomingMessage, type Server, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"

/** What Node passes with an upgrade request: its connection, and what arrived after its head. */
interface Connection {
  /** The response to the request, if it is not upgraded. */
  readonly response: ServerResponse
  readonly socket: Duplex
  readonly head: NonSharedBuffer
}

const isWebSocket = ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === "websocket"

const ignore = () => {}

/**
 * How long a peer has to answer a close, in ms; then its connection is cut, so that it does not keep the server from stopping. The
 * types of `ws` lack this option.
 */
const closing = { closeTimeout: serverStop.finish }

/** The response of a route that upgraded its request. It is not sent: the handshake was. */
export const upgraded = HttpServerResponse.empty({ status: 101 })

/** Returns whether a response is that of a route that upgraded its request, whatever middleware added to it. */
export const isUpgraded = ({ status }: HttpServerResponse.HttpServerResponse): boolean => status === upgraded.status

/**
 * Upgrades requests to WebSockets. A request for an upgrade is handled like any other, and its fiber ends with the handshake. Effect's
 * server has an upgrade too, which keeps the request, its fiber and their contexts as long as the socket (docs/performance.md).
 */
export class Upgrades extends Context.Service<Upgrades, {
  /** Passes this server's WebSocket upgrades to its listeners for requests, in place of its listeners for upgrades. */
  readonly handle: (server: Server) => void
  /**
   * Upgrades the connection of this request, and calls `begin` with the open socket before any frame can arrive. Fails if the request is
   * not a valid WebSocket upgrade. Return `upgraded` after it.
   */
  readonly open: (
    request: HttpServerRequest.HttpServerRequest,
    begin: (socket: WebSocket) => void
  ) => Effect.Effect<void, WireError.BadRequest>
  /**
   * Calls `ended` when the socket of this upgraded request has closed. `broken`: the connection broke before this server ended it. Keeps
   * no reference to the request.
   */
  readonly onEnd: (request: HttpServerRequest.HttpServerRequest, ended: (broken: boolean) => void) => void
}>()("@muster/server/http/Upgrades") {
  static readonly layer = Layer.sync(this, () => {
    const server = new WebSocketServer({
      ...closing,
      clientTracking: false,
      maxPayload: DaemonSocket.maxFrameFromDaemon,
      noServer: true,
      perMessageDeflate: false
    })
    // Without a listener, `ws` would answer an invalid handshake itself.
    server.on("wsClientError", ignore)
    const connections = new WeakMap<object, Connection>()
    const sockets = new WeakMap<object, readonly [WebSocket, Duplex]>()

    const open = (
      message: IncomingMessage,
      { head, response, socket }: Connection,
      begin: (socket: WebSocket) => void
    ) => {
      // Calls back synchronously, or not at all.
      server.handleUpgrade(message, socket, head, (opened) => {
        opened.on("error", ignore)
        sockets.set(message, [opened, socket])
        releaseConnection(response, socket)
        beginOrCut(opened, begin)
      })
      return sockets.has(message)
    }

    return Upgrades.of({
      handle: (server) => handleUpgrades(server, (message, connection) => connections.set(message, connection)),
      open: (request, begin) =>
        Effect.suspend(() => {
          const message = NodeHttpServerRequest.toIncomingMessage(request) as IncomingMessage
          const connection = connections.get(message)
          if (connection === undefined) return Effect.fail(upgradeRequired())
          if (open(message, connection, begin)) return Effect.void
          // A client that has left: the end of its connection interrupts this request.
          return connection.socket.destroyed ? Effect.never : Effect.fail(upgradeRequired())
        }),
      onEnd: (request, ended) => {
        const [socket, connection] = sockets.get(NodeHttpServerRequest.toIncomingMessage(request)) ?? []
        if (socket === undefined || socket.readyState === WebSocket.CLOSED) return ended(false)
        socket.once("close", () => ended(!connection!.writableEnded))
      }
    })
  })
}

const upgradeRequired = () => WireError.bad("a WebSocket upgrade is required")

/** Ends the response without sending it: the connection is the socket's. */
const releaseConnection = (response: ServerResponse, socket: Duplex) => {
  response.detachSocket(socket as never)
  response.end()
}

/** A defect is that of the request, and leaves no socket open. */
const beginOrCut = (socket: WebSocket, begin: (socket: WebSocket) => void) => {
  try {
    begin(socket)
  } catch (defect) {
    socket.terminate()
    throw defect
  }
}

/** Passes WebSocket upgrades to the server's listeners for requests; other upgrades remain with its listeners for them. */
const handleUpgrades = (server: Server, keep: (message: IncomingMessage, connection: Connection) => void) => {
  const others = server.listeners("upgrade")
  server.removeAllListeners("upgrade")
  server.on("upgrade", (message: IncomingMessage, socket: Duplex, head: NonSharedBuffer) => {
    if (!isWebSocket(message)) return others.forEach((listener) => listener.call(server, message, socket, head))
    socket.on("error", ignore)
    const response = new ServerResponse(message)
    response.assignSocket(socket as never)
    // A connection whose upgrade was refused is not used again.
    response.on("finish", () => socket.end())
    keep(message, { response, socket, head })
    server.emit("request", message, response)
  })
}
