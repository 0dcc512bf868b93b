import { Effect } from "effect"
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http"
import { type AddressInfo, connect, type Socket } from "node:net"
import { buffer } from "node:stream/consumers"

/** What a v0.3.1 server does not have: the task calls of our daemon. */
const own = /^\/api\/daemon\/tasks\/(claim|beat|inventory|[^/]+\/(renew|release|begin|events|pin|settle))$/

/** A registration's reply as v0.3.1 sends it. */
const withoutCapabilities = (body: Buffer) => {
  const { capabilities: _, ...reply } = JSON.parse(body.toString("utf8"))
  return JSON.stringify(reply)
}

const headersOf = ({ headers }: IncomingMessage) => {
  const { "x-client-capabilities": _, ...known } = headers
  return known
}

/**
 * A server in front of a Muster server that has only what v0.3.1 has of tasks, and to which every daemon is one of v0.3.1;
 * until the scope ends. `calls`: the paths of the calls of daemons about tasks, in order.
 */
export const legacyFront = Effect.fnUntraced(function*(server: string) {
  const target = new URL(server)
  const sockets = new Set<Socket>()
  const calls: Array<string> = []

  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(incoming)
    const { method, url: path = "" } = incoming
    if (/tasks|orphans/.test(path)) calls.push(path)
    if (own.test(path)) return void response.writeHead(404).end("404 page not found")
    const onward = request(
      { host: target.hostname, port: target.port, path, method, headers: headersOf(incoming) },
      (reply) =>
        void buffer(reply).then((said) =>
          response.writeHead(reply.statusCode ?? 502, { "content-type": "application/json" })
            .end(path === "/api/daemon/register" && reply.statusCode === 200 ? withoutCapabilities(said) : said)
        )
    )
    onward.on("error", () => response.destroy())
    onward.end(body)
  }

  const front = createServer((incoming, response) => void answer(incoming, response).catch(() => response.destroy()))
  front.on("connection", (socket) => {
    sockets.add(socket)
    socket.on("error", () => {}).on("close", () => sockets.delete(socket))
  })
  front.on("upgrade", (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    const upstream = connect(Number(target.port), target.hostname, () => {
      const headers = Object.entries(headersOf(incoming)).map(([name, value]) => `${name}: ${String(value)}`)
      upstream.write(`GET ${incoming.url} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`)
      upstream.write(head)
      upstream.pipe(socket).pipe(upstream)
    })
    upstream.on("error", () => socket.destroy())
    socket.on("error", () => upstream.destroy()).on("close", () => upstream.destroy())
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void front.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () =>
      Effect.sync(() => {
        for (const socket of sockets) socket.destroy()
        front.close()
      })
  )
  return { url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`, calls }
})
