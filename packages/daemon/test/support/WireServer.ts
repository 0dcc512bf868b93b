import { type WebSocket, WebSocketServer } from "@effect/platform-node/NodeWS"
import { DaemonSocket, Identity, Runtime } from "@muster/domain"
import { Effect, Option, Queue } from "effect"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { Gone, type ServerError } from "../../src/client/ServerError.ts"
import { FakeServer } from "./FakeServer.ts"

export interface Reply {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

export type SocketEvent =
  | { readonly type: "open"; readonly ids: ReadonlyArray<string>; readonly headers: IncomingMessage["headers"] }
  | { readonly type: "beat"; readonly id: string }
  | { readonly type: "close" }

const json = (value: unknown): Reply => ({ status: 200, body: JSON.stringify(value) })
const failure = (error: ServerError): Reply =>
  error instanceof Gone
    ? { status: 404, body: `{"error":"runtime not found"}` }
    : { status: error.status ?? 503, body: `{"error":"as scripted"}` }

/**
 * `FakeServer` behind real HTTP and a real socket, speaking the wire. On `node:http` and `ws` themselves, so that a test
 * can also do what no decent server does.
 */
export class WireServer {
  readonly fake: FakeServer
  readonly received: Array<Received> = []
  /** Answers in place of the server; undefined: as the server would. Null: not at all. */
  script: (request: Received) => Reply | null | undefined = () => undefined
  /** What a beat over the socket is answered with. */
  onBeat: (id: Runtime.RuntimeId) => ReadonlyArray<string | Uint8Array> = (id) => [
    this.fake.has(id) ? DaemonSocket.ackFrame(id, {}) : DaemonSocket.goneFrame(id)
  ]
  /** What a registration is answered with; undefined: as v0.3.1 does. */
  capabilities: ReadonlyArray<string> | undefined = ["tasks-v1"]
  /** The status that refuses the socket, or 0: it is welcome. */
  refuse = 0
  readonly sockets = new Set<WebSocket>()
  readonly #events: Queue.Queue<SocketEvent>
  readonly #requests: Queue.Queue<Received>
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  readonly #upgrades = new WebSocketServer({ noServer: true })

  private constructor(fake: FakeServer, events: Queue.Queue<SocketEvent>, requests: Queue.Queue<Received>) {
    this.fake = fake
    this.#events = events
    this.#requests = requests
    this.#server.on("upgrade", (request, socket, head) => {
      // A peer that is refused may cut the connection first.
      socket.on("error", () => {})
      if (this.refuse > 0) return void socket.end(`HTTP/1.1 ${this.refuse} No\r\ncontent-length: 0\r\n\r\n`)
      this.#upgrades.handleUpgrade(request, socket, head, (ws) => this.#welcome(ws, request))
    })
  }

  static readonly make = Effect.acquireRelease(
    Effect.gen(function*() {
      const server = new WireServer(
        yield* FakeServer.make,
        yield* Queue.unbounded<SocketEvent>(),
        yield* Queue.unbounded<Received>()
      )
      yield* server.listen(0)
      return server
    }),
    (server) => server.close
  )

  port = 0

  /** On this port; 0: on one that is free. */
  readonly listen = (port: number) =>
    Effect.callback<void>((resume) => {
      this.#server.listen(port, "127.0.0.1", () => {
        this.port = (this.#server.address() as AddressInfo).port
        resume(Effect.void)
      })
    })

  /** Down at once, connections and all. */
  readonly close = Effect.callback<void>((resume) => {
    for (const socket of this.sockets) socket.terminate()
    this.#server.close(() => resume(Effect.void))
    this.#server.closeAllConnections()
  })

  get url() {
    return `http://127.0.0.1:${this.port}`
  }

  /** Waits for the next event of the socket that has not been waited for. */
  get event() {
    return Queue.take(this.#events)
  }

  /** Waits for the next of this type; those before it are passed over. */
  next<T extends SocketEvent["type"]>(type: T): Effect.Effect<Extract<SocketEvent, { readonly type: T }>> {
    return Effect.flatMap(this.event, (event) => {
      const wanted = event.type === type
      return wanted ? Effect.succeed(event as Extract<SocketEvent, { readonly type: T }>) : this.next(type)
    })
  }

  /** Waits for the next request to a path that ends so, answered or not; those before it are passed over. */
  request(end: string): Effect.Effect<Received> {
    return Effect.flatMap(Queue.take(this.#requests), (received) => {
      const wanted = received.path.endsWith(end)
      return wanted ? Effect.succeed(received) : this.request(end)
    })
  }

  /** Waits until each socket's peer has had every frame sent so far. */
  readonly delivered = Effect.suspend(() =>
    Effect.forEach(
      this.sockets,
      (socket) =>
        Effect.callback<void>((resume) => {
          socket.once("pong", () => resume(Effect.void))
          socket.ping()
        }),
      { discard: true }
    )
  )

  #welcome(ws: WebSocket, request: IncomingMessage) {
    this.sockets.add(ws)
    const ids = new URL(request.url!, "http://x").searchParams.get("runtime_ids")?.split(",") ?? []
    Queue.offerUnsafe(this.#events, { type: "open", ids, headers: request.headers })
    ws.on("message", (data, binary) => {
      const frame = binary ? Option.none() : DaemonSocket.readDaemonFrame(String(data))
      if (Option.isNone(frame)) return
      Queue.offerUnsafe(this.#events, { type: "beat", id: frame.value.runtimeId })
      for (const answer of this.onBeat(frame.value.runtimeId)) ws.send(answer)
    })
    ws.on("close", () => {
      this.sockets.delete(ws)
      Queue.offerUnsafe(this.#events, { type: "close" })
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse) {
    const { headers, method = "", url: path = "" } = request
    const received = { method, path, headers, body: await text(request) }
    this.received.push(received)
    Queue.offerUnsafe(this.#requests, received)
    const scripted = this.script(received)
    if (scripted === null) return
    const reply = scripted ??
      await Effect.runPromise(this.#route(received).pipe(Effect.catch((error) => Effect.succeed(failure(error)))))
    response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers }).end(reply.body)
  }

  #route({ body, path }: Received): Effect.Effect<Reply, ServerError> {
    const { api } = this.fake
    const input = body === "" ? {} : JSON.parse(body)
    const [, runtime = ""] = /^\/api\/daemon\/runtimes\/([^/]+)\//.exec(path) ?? []
    switch (path.replace(/^\/api\/(daemon\/runtimes\/[^/]+)?/, "")) {
      case "workspaces":
        return Effect.map(api.workspaces, json)
      case "daemon/register":
        return Effect.map(
          api.register(
            Identity.WorkspaceId.make(input.workspace_id),
            input.runtimes.map(({ type, version }: { type: string; version: string }) => ({ provider: type, version }))
          ),
          (runtimes) => json({ runtimes, repos: [], repos_version: "", settings: {}, capabilities: this.capabilities })
        )
      case "daemon/deregister":
        return Effect.as(api.deregister(input.runtime_ids), json({ status: "ok" }))
      case "daemon/heartbeat":
        return Effect.map(api.heartbeat(Runtime.RuntimeId.make(input.runtime_id)), ({ fields }) => json(fields))
      case "/recover-orphans":
        return Effect.as(api.recoverOrphans(Runtime.RuntimeId.make(runtime)), json({ orphaned: 0, retried: 0 }))
      default:
        return Effect.succeed({ status: 404, body: "404 page not found" })
    }
  }
}
