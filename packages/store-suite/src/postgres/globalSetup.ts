import { Effect, ManagedRuntime } from "effect"
import { once } from "node:events"
import { createServer } from "node:http"
import { type AddressInfo } from "node:net"
import { type TestProject } from "vitest/node"
import { PostgresServer } from "./PostgresServer.ts"
import "./TestDatabase.ts" // for the type of what is provided

/**
 * vitest runs this once per project, in its main process, before any test. Test files run in processes of their own and
 * request the server's URL here; the first request starts it, so a run without a database has no cost.
 */
export default async function setup(project: TestProject) {
  const given = process.env["MUSTER_TEST_DATABASE_URL"]
  const runtime = ManagedRuntime.make(PostgresServer.layer)
  // The first use of the runtime starts the server; only the first, since a layer is built once.
  const url = async () => given || await runtime.runPromise(Effect.map(PostgresServer, (server) => server.url))
  const desk = createServer((_, response) => {
    url().then(
      (text) => response.writeHead(200).end(text),
      (error) => response.writeHead(503).end(String(error.message))
    )
  })
  desk.listen(0, "127.0.0.1")
  await once(desk, "listening")
  project.provide("musterPostgresDesk", `http://127.0.0.1:${(desk.address() as AddressInfo).port}`)

  return async () => {
    desk.closeAllConnections()
    desk.close()
    await runtime.dispose()
  }
}
