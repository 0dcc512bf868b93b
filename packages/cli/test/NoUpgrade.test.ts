import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Queue, Schema } from "effect"
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

/** A log whose lines can be awaited. */
const listenedLog = Effect.gen(function*() {
  const lines: Array<string> = []
  const news = yield* Queue.unbounded<string>()
  const logger = Logger.make(({ logLevel, message }) => {
    const line = `${logLevel} ${String(message)}`
    lines.push(line)
    Queue.offerUnsafe(news, line)
  })
  const next = (pattern: RegExp): Effect.Effect<RegExpExecArray> =>
    Effect.flatMap(Queue.take(news), (line) => {
      const found = pattern.exec(line)
      return found === null ? next(pattern) : Effect.succeed(found)
    })
  return { lines, next, layer: Logger.layer([logger]) }
})

describe("a reverse proxy that does not pass upgrades", () => {
  it.live(
    "F-10 runtimes through it can be pinged, and the daemon's log reports once why there is no socket",
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
          const log = yield* listenedLog
          const serverUrl = yield* plainProxy(url!, upgrades)
          const folder = `${home}/${upgrades}`
          const fleet = yield* startFleet({ size: 1, providers: ["codex"], serverUrl, token, folder }).pipe(
            Effect.provide(log.layer)
          )
          const [, runtime] = yield* log.next(/^Info registered codex 1\.0\.0 as runtime (\S+)/)
          if (upgrades === "drop") {
            yield* log.next(
              /^Warn WebSocket .* answered with 400 \(via: 1\.1 plain\): a WebSocket upgrade is required\. A reverse proxy/
            )
          }
          for (let round = 0; round < 2; round++) {
            const ping = `${url}/api/runtimes/${runtime}/ping`
            const { id } = yield* call(Pinged, "POST", ping)
            const answer = yield* call(Pinged, "GET", `${ping}/${id}?wait=30`)
            assert.deepInclude(answer, { status: "completed", transport: "beat", cli_version: "1.0.0" })
            yield* log.next(new RegExp(`^Info picked up request ${id} \\(ping\\) for .* over an HTTP heartbeat$`))
            yield* log.next(new RegExp(`^Info delivered result of request ${id} \\(ping\\): completed$`))
          }
          const sockets = (yield* fleet.snapshots).map(({ socket }) => socket)
          assert.deepStrictEqual(sockets, ["disconnected"])
          assert.isAtMost(log.lines.filter((line) => line.includes("WebSocket")).length, 1)
        }
      }),
    120_000
  )
})
