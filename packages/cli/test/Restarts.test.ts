import { assert, describe, it } from "@effect/vitest"
import { freePort } from "@muster/store-suite"
import { Effect, Logger, Random, Ref, Schema, Scope } from "effect"
import { readFile } from "node:fs/promises"
import { startFleet } from "./support/Fleet.ts"
import { calls } from "./support/Replica.ts"
import { makeHome } from "./support/runMuster.ts"
import { spawnMuster } from "./support/Spawned.ts"

const daemons = 50
const providers = ["codex", "claude"]
/** The number of kills: 8 by default; `MUSTER_RESTARTS=20` in the environment for a longer run. */
const restarts = Number(process.env["MUSTER_RESTARTS"] ?? 8)
const deletions = 30

const Workspaces = Schema.Array(Schema.Struct({ id: Schema.String }))
const Runtimes = Schema.Array(Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  daemon_id: Schema.String,
  provider: Schema.String
}))
const Done = Schema.Struct({ status: Schema.Literal("ok") })

/** A server in a process of its own on this port. */
const startServer = Effect.fnUntraced(function*(home: string, port: string) {
  const data = `${home}/server`
  const server = yield* spawnMuster(["server", "--port", port, "--host", "127.0.0.1", "--data", data, "--json"], {
    HOME: home
  })
  const [, url] = yield* server.awaitOut(/"url": "([^"]+)"[\s\S]*\n\}$/m)
  const kill = Effect.sync(() => server.process.kill("SIGKILL")).pipe(Effect.andThen(server.outcome))
  return { url: url!, kill, startedAt: Date.now(), data }
})

describe("a server that is killed repeatedly", () => {
  it.live(
    `D-02 ${restarts} kills under ${daemons} daemons, ${deletions} deletions meanwhile: every runtime ends online with the ` +
      "id it had, each deleted one was registered again exactly once",
    () =>
      Effect.gen(function*() {
        const home = yield* makeHome
        const processes = yield* Effect.scope
        const start = (port: string) => Scope.provide(startServer(home, port), processes)
        const first = yield* start(String(yield* Effect.orDie(freePort((message) => message))))
        const { url } = first
        const token = (yield* Effect.promise(() => readFile(`${first.data}/token`, "utf8"))).trim()
        const [workspace] = yield* calls(token)(Workspaces, "GET", `${url}/api/workspaces`)
        const call = calls(token, workspace!.id)
        const fleet = yield* startFleet({ size: daemons, providers, serverUrl: url, token, folder: `${home}/daemons` })

        const whole = Effect.map(fleet.snapshots, (all) => all.every(({ runtimes }) => runtimes.length === 2))
        yield* fleet.until(whole)
        assert.strictEqual(fleet.registrations(), daemons)
        const server = yield* Ref.make(first)
        const deleted = new Set<string>()

        /** Deletes one runtime of each of this number of daemons without a missing one. */
        const deleteSome = Effect.fnUntraced(function*(count: number) {
          const missesNone = (all: Effect.Success<typeof fleet.snapshots>) =>
            all.filter(({ runtimes }) => runtimes.length === 2 && runtimes.every(({ id }) => !deleted.has(id)))
          yield* fleet.until(Effect.map(fleet.snapshots, (all) => missesNone(all).length >= count))
          const victims = (yield* Random.shuffle(missesNone(yield* fleet.snapshots))).slice(0, count)
          for (const { runtimes } of victims) {
            const { id } = runtimes[yield* Random.nextIntBetween(0, 1)]!
            deleted.add(id)
            yield* call(Done, "DELETE", `${url}/api/runtimes/${id}`)
          }
        })

        for (let restart = 1; restart <= restarts; restart++) {
          const [due, done] = [Math.floor(restart * deletions / restarts), deleted.size]
          yield* deleteSome(due - done)
          const enough = fleet.frames() + (yield* Random.nextIntBetween(0, 150))
          yield* fleet.until(Effect.sync(() => fleet.frames() >= enough))
          yield* (yield* Ref.get(server)).kill
          yield* Ref.set(server, yield* start(new URL(url).port))
        }

        const { startedAt } = yield* Ref.get(server)
        yield* fleet.until(Effect.map(fleet.snapshots, (all) =>
          all.every(({ runtimes, socket }) =>
            socket === "connected" && runtimes.length === 2 &&
            runtimes.every(({ id, lastBeatAt }) =>
              !deleted.has(id) && lastBeatAt !== null && lastBeatAt > startedAt
            )
          )))

        const had = [...fleet.ids.values()].flatMap((ids) => [...ids])
        assert.strictEqual(deleted.size, deletions)
        assert.strictEqual(fleet.registrations(), daemons + deletions, "registrations = starts + deletions")
        assert.strictEqual(new Set(had).size, had.length, "no id of two daemons")
        assert.strictEqual(had.length, daemons * providers.length + deletions, "one new id for each deletion")

        const rows = yield* call(Runtimes, "GET", `${url}/api/runtimes`)
        assert.sameMembers(
          rows.map(({ id }) =>
            id
          ),
          had.filter((id) => !deleted.has(id))
        )
        assert.deepStrictEqual(new Set(rows.map(({ status }) => status)), new Set(["online"]))
        const places = rows.map(({ daemon_id, provider }) => `${daemon_id} ${provider}`)
        assert.strictEqual(new Set(places).size, daemons * providers.length, "no duplicates")
        const known = (yield* fleet.snapshots).flatMap(({ runtimes }) => runtimes.map(({ id }) => id))
        assert.sameMembers(known, rows.map(({ id }) => id))
      }).pipe(Random.withSeed("restarts"), Effect.provide(Logger.layer([]))),
    // Each start of a real server takes seconds of a processor, ten times as long on a busy machine.
    1_200_000
  )
})
