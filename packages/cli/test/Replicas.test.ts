import { assert, describe, it } from "@effect/vitest"
import { freshDatabase, testRedis } from "@muster/store-suite"
import { Effect, Random, Redacted, Schema } from "effect"
import { makePerson } from "./support/FakeOpenCode.ts"
import { calls, startReplica } from "./support/Replica.ts"
import { spawnMuster } from "./support/Spawned.ts"

/** Real processes on a machine that may be busy. */
const testTimeout = 480_000
const requests = 500

const Asked = Schema.Struct({ id: Schema.String })
const Looked = Schema.Struct({
  status: Schema.String,
  models: Schema.optionalKey(Schema.Array(Schema.Struct({ id: Schema.String })))
})
const Runtimes = Schema.Array(Schema.Struct({ id: Schema.String, status: Schema.String }))
const Workspaces = Schema.Array(Schema.Struct({ id: Schema.String }))

const environments: ReadonlyArray<{ readonly name: string; readonly redis: boolean }> = [
  { name: "cluster", redis: true },
  { name: "postgres", redis: false }
]

describe.each(environments)("replicas in the environment $name", ({ name, redis }) => {
  it.live(
    `three start concurrently on an empty database; one daemon; ${requests} requests at any replica are answered`,
    () =>
      Effect.gen(function*() {
        const person = yield* makePerson
        const env = {
          ...person,
          DATABASE_URL: Redacted.value(yield* freshDatabase),
          ...(redis ? { REDIS_URL: yield* testRedis } : {})
        }
        const replicas = yield* Effect.forEach(["0", "1", "2"], (name) => startReplica(env, name), {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual(replicas.map(({ environment }) => environment), [name, name, name])

        const { token } = replicas[0]!
        const [a, b] = [replicas[0]!.url, replicas[1]!.url]
        const daemon = yield* spawnMuster(["daemon", "--data", `${env.HOME}/daemon`], {
          ...person,
          MUSTER_SERVER_URL: b,
          MUSTER_TOKEN: token
        })
        yield* daemon.awaitOut(/online +opencode/)

        const [workspace] = yield* calls(token)(Workspaces, "GET", `${a}/api/workspaces`)
        const call = calls(token, workspace!.id)
        const [runtime] = yield* call(Runtimes, "GET", `${a}/api/runtimes`)
        assert.strictEqual(runtime!.status, "online")

        const anywhere = Effect.map(
          Random.nextBoolean,
          (first) => `${first ? a : b}/api/runtimes/${runtime!.id}/models`
        )
        const statuses = yield* Effect.replicateEffect(
          Effect.gen(function*() {
            const { id } = yield* call(Asked, "POST", `${yield* anywhere}?fresh=1`)
            const url = `${yield* anywhere}/${id}?wait=20`
            const { models, status } = yield* call(Looked, "GET", url)
            return `${status} ${models?.map((model) => model.id).join()}`
          }),
          requests
        )
        assert.deepStrictEqual([...new Set(statuses)], ["completed fake/one,fake/two"])
      }),
    testTimeout
  )
})
