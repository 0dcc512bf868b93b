import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, layer } from "@effect/vitest"
import { makeCertificates } from "@muster/store-suite"
import { Context, Effect, Fiber, FileSystem, Layer } from "effect"
import { createServer as createHttp, type IncomingMessage, type RequestListener } from "node:http"
import * as http from "node:http"
import * as https from "node:https"
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from "node:net"
import { text } from "node:stream/consumers"
import { getCACertificates, setDefaultCACertificates } from "node:tls"
import { type Agents, endAgents, makeAgents, retire } from "../../src/client/Agents.ts"
import { littleProxy } from "../support/LittleProxy.ts"

/** A certificate for `localhost`, of an authority that this process trusts meanwhile. */
class Trusted extends Context.Service<Trusted, { readonly cert: string; readonly key: string }>()("test/Trusted") {
  static readonly layer = Layer.effect(
    Trusted,
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped({ prefix: "muster-agents-" })
      yield* makeCertificates(folder)
      const read = (name: string) => fs.readFileString(`${folder}/${name}`)
      const before = getCACertificates()
      const authority = yield* read("ca.crt")
      yield* Effect.acquireRelease(
        Effect.sync(() => setDefaultCACertificates([...before, authority])),
        () => Effect.sync(() => setDefaultCACertificates(before))
      )
      return { cert: yield* read("muster.crt"), key: yield* read("muster.key") }
    })
  ).pipe(Layer.provide(NodeServices.layer))
}

/** Listens until the scope ends. Returns the port, and the number of connections so far. */
const listening = Effect.fnUntraced(function*(server: Server) {
  const sockets = new Set<Socket>()
  let opened = 0
  server.on("connection", (socket: Socket) => {
    opened++
    sockets.add(socket.on("error", () => {}))
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () =>
      Effect.callback<void>((resume) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resume(Effect.void))
      })
  )
  return { port: (server.address() as AddressInfo).port, opened: () => opened }
})

/** Agents until the scope ends. */
const agentsThrough = (proxy: string | undefined) =>
  Effect.acquireRelease(
    Effect.sync(() => makeAgents(proxy === undefined ? undefined : new URL(proxy))),
    (agents) => Effect.sync(() => endAgents(agents))
  )

/** The answer to a GET; fails with the message of the connection's error. */
const get = (agents: Agents, url: string) =>
  Effect.callback<string, string>((resume) => {
    const read = (response: IncomingMessage) =>
      void text(response).then((body) => resume(Effect.succeed(body)), (error) => resume(Effect.fail(String(error))))
    const request = url.startsWith("https:")
      ? https.get(url, { agent: agents.https }, read)
      : http.get(url, { agent: agents.http }, read)
    request.on("error", (error: NodeJS.ErrnoException) => resume(Effect.fail(error.code ?? error.message)))
    return Effect.sync(() => void request.destroy())
  })

const greet: RequestListener = (request, response) => void response.end(`${request.headers.host}${request.url}`)

layer(Trusted.layer)("connections of calls", (it) => {
  describe("through a proxy", () => {
    it.effect("F-09 https goes through one tunnel, in which the server's certificate is verified", () =>
      Effect.gen(function*() {
        const { port } = yield* listening(https.createServer(yield* Trusted, greet))
        const proxy = yield* littleProxy
        const agents = yield* agentsThrough(`http://ann:secret@${proxy.address}`)
        assert.strictEqual(yield* get(agents, `https://localhost:${port}/a?b=1`), `localhost:${port}/a?b=1`)
        assert.strictEqual(yield* get(agents, `https://localhost:${port}/c`), `localhost:${port}/c`)
        assert.deepStrictEqual(proxy.asked, [`CONNECT localhost:${port}`])
        assert.deepStrictEqual([...proxy.signedBy], [`Basic ${Buffer.from("ann:secret").toString("base64")}`])
        assert.strictEqual(
          yield* Effect.flip(get(agents, `https://other.test:${port}/`)),
          "ERR_TLS_CERT_ALTNAME_INVALID"
        )
      }))

    it.effect("F-09 a proxy that refuses the tunnel is told from the server, with what to do", () =>
      Effect.gen(function*() {
        const proxy = yield* littleProxy
        const agents = yield* agentsThrough(`http://${proxy.address}`)
        proxy.answer.connect = 404
        assert.strictEqual(
          yield* Effect.flip(get(agents, "https://muster.test/")),
          "the proxy refused the tunnel with 404"
        )
        proxy.answer.connect = 407
        assert.strictEqual(
          yield* Effect.flip(get(agents, "https://muster.test/")),
          "the proxy refused the tunnel with 407: it requires a user name and a password in its address (http://user:password@host:port)"
        )
      }))

    it.effect("F-09 a proxy without an answer ends the call when the connections are closed", () =>
      Effect.gen(function*() {
        const asked = Promise.withResolvers<void>()
        const { port } = yield* listening(createTcp((socket) => void socket.on("data", () => asked.resolve())))
        const agents = yield* agentsThrough(`http://127.0.0.1:${port}`)
        const call = yield* Effect.forkChild(Effect.flip(get(agents, "https://muster.test/")))
        yield* Effect.promise(() => asked.promise)
        endAgents(agents)
        assert.match(yield* Fiber.join(call), /the proxy cannot be reached/)
      }))

    it.effect("F-09 http gives it the whole URL and the credentials, over TLS to a proxy with an https address", () =>
      Effect.gen(function*() {
        const seen: Array<string> = []
        const note: RequestListener = (request, response) => {
          seen.push(
            `${request.method} ${request.url} ${request.headers.host} ${request.headers["proxy-authorization"]}`
          )
          response.end("ok")
        }
        const plain = yield* listening(createHttp(note))
        const secure = yield* listening(https.createServer(yield* Trusted, note))
        for (const proxy of [`http://ann:pw@127.0.0.1:${plain.port}`, `https://ann:pw@localhost:${secure.port}`]) {
          const agents = yield* agentsThrough(proxy)
          yield* get(agents, "http://muster.test:81/a?b=c%20d")
          yield* get(agents, "http://[2001:db8::1]/")
        }
        const words = `Basic ${Buffer.from("ann:pw").toString("base64")}`
        const once = [
          `GET http://muster.test:81/a?b=c%20d muster.test:81 ${words}`,
          `GET http://[2001:db8::1]/ [2001:db8::1] ${words}`
        ]
        assert.deepStrictEqual(seen, [...once, ...once])
      }))
  })

  it.effect("are kept for the next call until they are retired; a call in progress ends first", () =>
    Effect.gen(function*() {
      const waiting: Array<() => void> = []
      const server = createHttp((request, response) => {
        if (request.url === "/slow") waiting.push(() => void response.end("slow"))
        else response.end("quick")
      })
      const { opened, port } = yield* listening(server)
      const agents = yield* agentsThrough(undefined)
      const url = `http://127.0.0.1:${port}`
      assert.strictEqual(yield* get(agents, url), "quick")
      assert.strictEqual(yield* get(agents, url), "quick")
      assert.strictEqual(opened(), 1)
      const slow = yield* Effect.forkChild(get(agents, `${url}/slow`), { startImmediately: true })
      yield* Effect.promise(() => new Promise<void>((resolve) => server.once("request", () => resolve())))
      assert.strictEqual(yield* get(agents, url), "quick")
      assert.strictEqual(opened(), 2)
      retire(agents)
      assert.strictEqual(yield* get(agents, url), "quick")
      assert.strictEqual(opened(), 3)
      waiting[0]!()
      assert.strictEqual(yield* Fiber.join(slow), "slow")
      assert.strictEqual(yield* get(agents, url), "quick")
      assert.strictEqual(opened(), 4)
    }))
})
