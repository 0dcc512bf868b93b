import { assert, describe, it } from "@effect/vitest"
import { freshDatabase } from "@muster/store-suite"
import { Effect, Redacted, Schedule, Schema } from "effect"
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { makePerson } from "./support/FakeOpenCode.ts"
import { calls, startReplica } from "./support/Replica.ts"
import { runMuster } from "./support/runMuster.ts"
import { spawnProgram } from "./support/Spawned.ts"

/** Real processes on a machine that may be busy. */
const testTimeout = 240_000

const program = fileURLToPath(new URL("support/cloneDaemon.ts", import.meta.url))

const Runtimes = Schema.Array(Schema.Struct({
  id: Schema.String,
  daemon_id: Schema.String,
  device_info: Schema.String,
  status: Schema.String,
  second_daemon_at: Schema.optionalKey(Schema.String)
}))
const Workspaces = Schema.Array(Schema.Struct({ id: Schema.String }))

/** The id in a daemon's folder. */
const idIn = (folder: string) => readFileSync(`${folder}/daemon.id`, "utf8").split("\n")[0]!

/** The folder on the clone of a machine, at the same path. */
const clone = (from: string, to: string) => {
  mkdirSync(to)
  cpSync(`${from}/daemon.id`, `${to}/daemon.id`)
  const [id, machine] = readFileSync(`${to}/daemon.id`, "utf8").split("\n")
  writeFileSync(`${to}/daemon.id`, `${[id, machine, to].join("\n")}\n`)
}

describe("a machine and its clone", () => {
  it.live(
    "F-05 two daemons with one id, on two replicas, end with two runtimes, and both are notified",
    () =>
      Effect.gen(function*() {
        const person = yield* makePerson
        const env = { ...person, DATABASE_URL: Redacted.value(yield* freshDatabase) }
        const [a, b] = yield* Effect.all([startReplica(env, "0"), startReplica(env, "1")], { concurrency: "unbounded" })
        const { token } = a
        const [one, two] = [`${env.HOME}/one`, `${env.HOME}/two`]
        const start = (folder: string, url: string, name: string) =>
          spawnProgram(program, [folder, url, token, name], person)

        const first = yield* start(one, a.url, "box")
        const [workspace] = yield* calls(token)(Workspaces, "GET", `${a.url}/api/workspaces`)
        const call = calls(token, workspace!.id)
        const list = call(Runtimes, "GET", `${a.url}/api/runtimes`)
        const until = (holds: (all: typeof Runtimes.Type) => boolean) =>
          Effect.repeat(list, { until: holds, schedule: Schedule.spaced("250 millis") })

        const [before] = yield* until((all) => all.some(({ status }) => status === "online"))
        clone(one, two)
        assert.strictEqual(idIn(two), before!.daemon_id)
        const second = yield* start(two, b.url, "clone")
        yield* second.awaitOut(/another machine uses the id of this daemon.*registering the runtimes again/)
        yield* first.awaitOut(/another machine uses the id of this daemon.*this daemon keeps the id/)

        const both = yield* until((all) => all.filter(({ status }) => status === "online").length === 2)
        assert.deepStrictEqual(both.map((one) => one.daemon_id).toSorted(), [idIn(one), idIn(two)].toSorted())
        assert.strictEqual(both.find(({ id }) => id === before!.id)?.daemon_id, idIn(one))
        assert.isString(both.find(({ id }) => id === before!.id)?.second_daemon_at)

        const around = { home: env.HOME, env: { MUSTER_SERVER_URL: a.url, MUSTER_TOKEN: token } }
        const note = /a second machine used the daemon id of .*the server told it to register with a new id/
        assert.match((yield* runMuster(["runtimes"], around)).stderr, note)
        assert.match((yield* runMuster(["doctor"], around)).stdout, note)
      }),
    testTimeout
  )
})
