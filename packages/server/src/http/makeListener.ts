import { createServer, type Server, type ServerOptions } from "node:http"

/** Bytes of one request's head: a socket's URL names up to 1,000 runtimes. */
const maxHeaderSize = 64 * 1024

/**
 * In ms: how long a connection stays open between two requests. Longer than clients keep one that is idle (Go: 90 s,
 * load balancers: 60 s), so that it is the client who closes it: where the server does, a request that is already on
 * its way is reset, and an HTTP client may not send a POST again by itself.
 */
const keepAliveTimeout = 95_000

/** A server of Node's with this server's bounds on heads and connections, not yet listening. */
export const makeListener = (options: ServerOptions = {}): Server =>
  createServer({ maxHeaderSize, keepAliveTimeout, ...options })
