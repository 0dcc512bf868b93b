import { Effect } from "effect"
import { createServer, type IncomingMessage, request as httpRequest } from "node:http"
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net"

const port = (server: { readonly address: () => unknown }) => (server.address() as AddressInfo).port

/** Listens on a free port of this machine until the scope ends; then every connection is cut. */
const listening = <S extends ReturnType<typeof createTcpServer>>(server: S, connections: Set<Socket>) =>
  Effect.acquireRelease(
    Effect.callback<S>((resume) => {
      server.on("connection", (socket: Socket) => {
        connections.add(socket.on("error", () => {}).on("close", () => connections.delete(socket)))
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    () =>
      Effect.callback<void>((resume) => {
        for (const socket of connections) socket.destroy()
        server.close(() => resume(Effect.void))
      })
  )

/** A forward proxy that maps every host to this machine. `asked` has its requests, `signedBy` their credentials. */
export const littleProxy = Effect.gen(function*() {
  const asked: Array<string> = []
  const signedBy = new Set<string | undefined>()
  const answer = { connect: 200 }
  const note = ({ headers, method, url }: IncomingMessage) => {
    asked.push(`${method} ${url}`)
    signedBy.add(headers["proxy-authorization"])
  }
  const server = createServer((request, response) => {
    note(request)
    const { headers, method } = request
    const target = new URL(request.url!)
    const onward = httpRequest({ port: target.port, host: "127.0.0.1", path: target.pathname, method, headers })
    onward.on("response", (reply) => reply.pipe(response.writeHead(reply.statusCode!, reply.headers)))
    request.pipe(onward.on("error", () => response.destroy()))
  })
  server.on("connect", (request, near: Socket) => {
    note(request)
    near.on("error", () => {})
    if (answer.connect !== 200) return void near.end(`HTTP/1.1 ${answer.connect} No\r\ncontent-length: 0\r\n\r\n`)
    const far = connect(Number(request.url!.split(":").at(-1)), "127.0.0.1", () => {
      near.write("HTTP/1.1 200 Connection established\r\n\r\n")
      near.pipe(far)
      far.pipe(near)
    })
    far.on("error", () => near.destroy())
  })
  yield* listening(server, new Set())
  return { asked, signedBy, answer, address: `127.0.0.1:${port(server)}` }
})

/** A tunnel to a server on this machine whose open connections can be cut without a notice to either end. */
export const deafeningWay = Effect.fnUntraced(function*(to: number) {
  const pairs = new Set<readonly [Socket, Socket]>()
  let opened = 0
  const server = createTcpServer((near) => {
    opened++
    const far = connect(to, "127.0.0.1").on("error", () => {})
    near.pipe(far)
    far.pipe(near)
    pairs.add([near, far])
  })
  yield* listening(server, new Set())
  return {
    url: `http://127.0.0.1:${port(server)}`,
    opened: () => opened,
    deafen: () => {
      for (const [near, far] of pairs) {
        near.unpipe(far).resume()
        far.unpipe(near).resume()
      }
    }
  }
})
