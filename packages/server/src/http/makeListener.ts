import { createServer, type Server, type ServerOptions, type ServerResponse } from "node:http"

/** The bound on one request's head, in bytes: a socket's URL contains up to 1,000 runtime ids. */
const maxHeaderSize = 64 * 1024

/**
 * In ms: how long a connection stays open between two requests. Longer than clients keep an idle one (Go: 90 s, load
 * balancers: 60 s), so that the client closes it. If the server closed it, a request in flight would be reset, and an
 * HTTP client may not repeat a POST automatically.
 */
const keepAliveTimeout = 95_000

/** Returns a Node HTTP server, not yet listening, with this server's bounds on heads and connections. */
export const makeListener = (options: ServerOptions = {}): Server => {
  const server = createServer({ maxHeaderSize, keepAliveTimeout, ...options })
  // A connection that becomes idle after the server closed would delay its end by `keepAliveTimeout`. One listener for
  // all responses: a closure for each is a measurable part of a beat.
  const endIfClosed = function(this: ServerResponse) {
    if (!server.listening) this.req.socket.end()
  }
  server.on("request", (_, response) => response.on("finish", endIfClosed))
  return server
}
