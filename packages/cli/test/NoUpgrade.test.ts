import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Logger, Schema } from "effect"
import { readFile } from "node:fs/promises"
import { startFleet } from "./support/Fleet.ts"
import { plainProxy } from "./support/PlainProxy.ts"
import { calls } from "./support/Replica.ts"
import { makeHome } from "./support/runMuster.ts"
import { spawnMuster } from "./support/Spawned.ts"

const Workspaces = Schema.Array(Schema.Struct({ id: Schema.String }))
const Pinged = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  transport: Schema.optionalKey(Schema.String),
  cli_version: Schema.optionalKey(Schema.String)
})

/** A log whose first line with `word` can be waited for. */
const listenedLog = Effect.fnUntraced(function*(word: string) {
  const lines: Array<string> = []
  const said = yield* Deferred.make<void>()
  const logger = Logger.make(({ logLevel, message }) => {
    const line = `${logLevel} ${String(message)}`
    if (!line.includes(word)) return
    lines.push(line)
    Deferred.doneUnsafe(said, Effect.void)
  })
  return { lines, said: Deferred.await(said), layer: Logger.layer([logger]) }
})

describe("a reverse proxy that does not pass upgrades", () => {
  it.live(
    "F-10 runtimes behind it are pinged with success, and the daemon's log says once why there is no socket",
    () =>
      Effect.gen(function*() {
        const home = yield* makeHome
        const data = `${home}/server`
        const server = yield* spawnMuster(["server", "--port", "0", "--host", "127.0.0.1", "--data", data, "--json"], {
          HOME: home
        })
        const [, url] = yield* server.awaitOut(/"url": "([^"]+)"[\s\S]*\n\}$/m)
        const token = (yield* Effect.promise(() => readFile(`${data}/token`, "utf8"))).trim()
        const [workspace] = yield* calls(token)(Workspaces, "GET", `${url}/api/workspaces`)
        const call = calls(token, workspace!.id)

        for (const upgrades of ["drop", "pass"] as const) {
          const log = yield* listenedLog("WebSocket")
          const serverUrl = yield* plainProxy(url!, upgrades)
          const folder = `${home}/${upgrades}`
          const fleet = yield* startFleet({ size: 1, providers: ["codex"], serverUrl, token, folder }).pipe(
            Effect.provide(log.layer)
          )
          yield* fleet.until(Effect.map(fleet.snapshots, ([one]) => one!.runtimes.length === 1))
          const [{ runtimes: [runtime], socket }] = (yield* fleet.snapshots) as any
          assert.strictEqual(socket, "disconnected")
          for (let round = 0; round < 2; round++) {
            const asked = yield* call(Pinged, "POST", `${url}/api/runtimes/${runtime.id}/ping`)
            const answer = yield* call(Pinged, "GET", `${url}/api/runtimes/${runtime.id}/ping/${asked.id}?wait=30`)
            assert.deepInclude(answer, { status: "completed", transport: "beat", cli_version: "1.0.0" })
          }
          if (upgrades === "pass") continue
          yield* log.said
          assert.strictEqual(log.lines.length, 1)
          assert.match(
            log.lines[0]!,
            /^Warn WebSocket connection failed, using HTTP heartbeats: the upgrade was answered with 400 \(via: 1\.1 plain\): a WebSocket upgrade is required\. A reverse proxy /
          )
        }
      }),
    120_000
  )
})
