import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { makePerson } from "./support/FakeOpenCode.ts"
import { spawnProgram } from "./support/Spawned.ts"

const main = (name: string) => fileURLToPath(new URL(`../../${name}/src/main.ts`, import.meta.url))

describe("the packages' own programs", () => {
  it.live("the server's main and the daemon's main run with the README's variables, and end on SIGTERM with 0", () =>
    Effect.gen(function*() {
      const person = yield* makePerson
      const home = person.HOME
      const data = `${home}/server`
      const server = yield* spawnProgram(main("server"), [], {
        HOME: home,
        HOST: "127.0.0.1",
        PORT: "0",
        MUSTER_DATA: data
      })
      const [, url = ""] = yield* server.awaitOut(/server is listening[\s\S]*?url: '?(http:\/\/[\d.:]+)/)
      const token = readFileSync(`${data}/token`, "utf8").trim()
      const daemon = yield* spawnProgram(main("daemon"), [], {
        ...person,
        MUSTER_DATA: `${home}/daemon`,
        MUSTER_LOCAL_PORT: "0",
        MUSTER_SERVER_URL: url,
        MUSTER_TOKEN: token
      })
      yield* daemon.awaitOut(/registered/)
      const headers = { authorization: `Bearer ${token}` }
      const call = (path: string) =>
        Effect.promise(async () => (await fetch(url + path, { headers })).json() as Promise<ReadonlyArray<any>>)
      const [workspace] = yield* call("/api/workspaces")
      const runtimes = yield* call(`/api/runtimes?workspace_id=${workspace.id}`)
      assert.deepStrictEqual(runtimes.map(({ provider, status }) => [provider, status]), [["opencode", "online"]])
      for (const program of [daemon, server]) {
        program.process.kill("SIGTERM")
        assert.strictEqual((yield* program.outcome).code, 0)
      }
    }))
})
