import { Effect, ManagedRuntime } from "effect"
import { once } from "node:events"
import { createServer } from "node:http"
import { type AddressInfo } from "node:net"
import { type TestProject } from "vitest/node"
import { RedisCluster } from "./RedisCluster.ts"
import { RedisServer } from "./RedisServer.ts"
import "./TestRedis.ts" // for the type of what is provided

/**
 * vitest runs this once per project, in its main process, before any test. Test files run in processes of their own and
 * request a URL here; the first request starts the server, so a run without Redis has no cost.
 */
export default async function setup(project: TestProject) {
  const server = ManagedRuntime.make(RedisServer.layer)
  const cluster = ManagedRuntime.make(RedisCluster.layer)
  const desk = createServer((request, response) => {
    const url = request.url === "/cluster"
      ? cluster.runPromise(Effect.map(RedisCluster, ({ url }) => url))
      : server.runPromise(Effect.map(RedisServer, ({ url }) => url))
    url.then(
      (text) => response.writeHead(200).end(text),
      (error) => response.writeHead(503).end(String(error.message))
    )
  })
  desk.listen(0, "127.0.0.1")
  await once(desk, "listening")
  project.provide("musterRedisDesk", `http://127.0.0.1:${(desk.address() as AddressInfo).port}`)

  return async () => {
    desk.closeAllConnections()
    desk.close()
    await Promise.all([server.dispose(), cluster.dispose()])
  }
}
