import { Effect } from "effect"
import { createServer, request as httpRequest } from "node:http"
import { type AddressInfo } from "node:net"

/** `drop`: hop-by-hop headers are not passed on, as RFC 9110 requires. `pass`: they are, and a 101 is not supported. */
export type Upgrades = "drop" | "pass"

/** A reverse proxy for requests and responses only, in front of a server; until the scope ends. */
export const plainProxy = Effect.fnUntraced(function*(to: string, upgrades: Upgrades) {
  const target = new URL(to)
  const server = createServer((request, response) => {
    const { connection: _, upgrade: __, ...endToEnd } = request.headers
    const onward = httpRequest({
      host: target.hostname,
      port: target.port,
      method: request.method,
      path: request.url,
      headers: upgrades === "drop" ? { ...endToEnd, connection: "close" } : request.headers
    })
    onward.on("response", (reply) => {
      reply.pipe(response.writeHead(reply.statusCode!, { ...reply.headers, via: "1.1 plain" }))
    })
    onward.on("error", () => response.headersSent ? response.destroy() : response.writeHead(502).end("Bad Gateway"))
    request.pipe(onward)
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
