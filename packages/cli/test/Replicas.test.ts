import { assert, describe, it } from "@effect/vitest"
import { freshDatabase, testRedis } from "@muster/store-suite"
import { Effect, Random, Redacted, Schema } from "effect"
import { makePerson } from "./support/FakeOpenCode.ts"
import { type Spawned, spawnMuster } from "./support/Spawned.ts"

/** Real processes on a machine that may be busy. */
const patience = 240_000
const requests = 500

const Started = Schema.Struct({ url: Schema.String, environment: Schema.String, token_file: Schema.String })
const readStarted = Schema.decodeUnknownEffect(Schema.fromJsonString(Started))
const Asked = Schema.Struct({ id: Schema.String })
const Looked = Schema.Struct({
  status: Schema.String,
  models: Schema.optionalKey(Schema.Array(Schema.Struct({ id: Schema.String })))
})
const Runtimes = Schema.Array(Schema.Struct({ id: Schema.String, status: Schema.String }))
const Workspaces = Schema.Array(Schema.Struct({ id: Schema.String }))

const started = (server: Spawned) =>
  Effect.flatMap(server.awaitOut(/^\{[\s\S]*\n\}$/m), ([document]) => readStarted(document))

const call =
  <A>(token: string, schema: Schema.Codec<A, unknown>) => (method: string, url: string, workspace?: string) =>
    Effect.promise(() =>
      fetch(url, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(workspace === undefined ? {} : { "x-workspace-id": workspace })
        }
      }).then((response) => response.json() as Promise<unknown>)
    ).pipe(Effect.flatMap(Schema.decodeUnknownEffect(schema)))

const environments: ReadonlyArray<{ readonly name: string; readonly redis: boolean }> = [
  { name: "cluster", redis: true },
  { name: "postgres", redis: false }
]

describe.each(environments)("replicas in the environment $name", ({ name, redis }) => {
  it.live(
    `three start at once on an empty database; one daemon; ${requests} requests at any replica are answered`,
    () =>
      Effect.gen(function*() {
        const person = yield* makePerson
        const env = {
          ...person,
          DATABASE_URL: Redacted.value(yield* freshDatabase),
          ...(redis ? { REDIS_URL: yield* testRedis } : {})
        }
        const replica = (i: number) =>
          spawnMuster(["server", "--port", "0", "--host", "127.0.0.1", "--data", `${env.HOME}/${i}`, "--json"], env)
        const servers = yield* Effect.forEach([0, 1, 2], replica, { concurrency: "unbounded" })
        const replicas = yield* Effect.forEach(servers, started)
        assert.deepStrictEqual(replicas.map(({ environment }) => environment), [name, name, name])

        const token = yield* Effect.promise(() =>
          import("node:fs/promises").then((fs) => fs.readFile(replicas[0]!.token_file, "utf8"))
        )
        const [a, b] = [replicas[0]!.url, replicas[1]!.url]
        const daemon = yield* spawnMuster(["daemon", "--data", `${env.HOME}/daemon`], {
          ...person,
          MUSTER_SERVER_URL: b,
          MUSTER_TOKEN: token.trim()
        })
        yield* daemon.awaitOut(/online +opencode/)

        const [workspace] = yield* call(token.trim(), Workspaces)("GET", `${a}/api/workspaces`)
        const [runtime] = yield* call(token.trim(), Runtimes)("GET", `${a}/api/runtimes`, workspace!.id)
        assert.strictEqual(runtime!.status, "online")

        const anywhere = Effect.map(
          Random.nextBoolean,
          (first) => `${first ? a : b}/api/runtimes/${runtime!.id}/models`
        )
        const statuses = yield* Effect.replicateEffect(
          Effect.gen(function*() {
            const { id } = yield* call(token.trim(), Asked)("POST", yield* anywhere, workspace!.id)
            const url = `${yield* anywhere}/${id}?wait=20`
            const { models, status } = yield* call(token.trim(), Looked)("GET", url, workspace!.id)
            return `${status} ${models?.map((model) => model.id).join()}`
          }),
          requests
        )
        assert.deepStrictEqual([...new Set(statuses)], ["completed fake/one,fake/two"])
      }),
    patience
  )
})
