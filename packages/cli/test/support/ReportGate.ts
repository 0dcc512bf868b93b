import { Effect, Queue } from "effect"
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http"
import { type AddressInfo, connect, type Socket } from "node:net"
import { buffer } from "node:stream/consumers"

/** A report in flight from a daemon to the server. */
export interface Passing {
  readonly path: string
  /** The server's answer; null: the report did not arrive. */
  readonly status: number | null
}

/** The fate of a report: it passes, it is lost, or its answer is lost. */
export type Fate = "answer lost" | "passes" | "report lost"

/** Between a daemon and its server: everything passes, except reports, whose `fate` decides. */
interface ReportGate {
  readonly url: string
  fate: Fate
  /** Waits for the next report that was processed. */
  readonly next: Effect.Effect<Passing>
}

const isReport = ({ method, url = "" }: IncomingMessage) => method === "POST" && url.endsWith("/result")

export const reportGate = (server: string) =>
  Effect.gen(function*() {
    const reports = yield* Queue.unbounded<Passing>()
    const target = new URL(server)
    const sockets = new Set<Socket>()

    const forward = (incoming: IncomingMessage, body: Buffer, answer: (status: number, body: Buffer) => void) => {
      const outgoing = request(
        {
          host: target.hostname,
          port: target.port,
          path: incoming.url,
          method: incoming.method,
          headers: incoming.headers
        },
        (reply) => void buffer(reply).then((said) => answer(reply.statusCode ?? 0, said))
      )
      outgoing.on("error", () => incoming.destroy())
      outgoing.end(body)
    }

    const gate = createServer((incoming: IncomingMessage, response: ServerResponse) => {
      const report = isReport(incoming)
      const fate = report ? made.fate : "passes"
      const take = (body: Buffer) => {
        const met = (status: number | null) => void Queue.offerUnsafe(reports, { path: incoming.url ?? "", status })
        if (fate === "report lost") return met(null)
        forward(incoming, body, (status, said) => {
          if (fate === "passes") response.writeHead(status, { "content-type": "application/json" }).end(said)
          if (report) met(status)
        })
      }
      // A killed daemon leaves half a body.
      void buffer(incoming).then(take).catch(() => incoming.destroy())
    })
    gate.on("connection", (socket) => {
      sockets.add(socket)
      socket.on("error", () => {}).on("close", () => sockets.delete(socket))
    })
    gate.on("upgrade", (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
      const upstream = connect(Number(target.port), target.hostname, () => {
        const headers = Object.entries(incoming.headers).map(([name, value]) => `${name}: ${String(value)}`)
        upstream.write(`GET ${incoming.url} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`)
        upstream.write(head)
        upstream.pipe(socket)
        socket.pipe(upstream)
      })
      upstream.on("error", () => socket.destroy())
      socket.on("error", () => upstream.destroy()).on("close", () => upstream.destroy())
    })
    yield* Effect.acquireRelease(
      Effect.callback<void>((resume) => void gate.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () =>
        Effect.sync(() => {
          for (const socket of sockets) socket.destroy()
          gate.close()
        })
    )
    const made: ReportGate = {
      url: `http://127.0.0.1:${(gate.address() as AddressInfo).port}`,
      fate: "passes",
      next: Queue.take(reports)
    }
    return made
  })
