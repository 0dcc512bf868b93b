import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { fake, makePerson } from "./support/FakeOpenCode.ts"
import { type Fate, type Passing, reportGate } from "./support/ReportGate.ts"
import { spawnMuster } from "./support/Spawned.ts"

/** Real processes on a machine that may be busy. */
const testTimeout = 240_000

const daemons = 4
const deaths: ReadonlyArray<Fate> = ["report lost", "answer lost", "report lost", "answer lost", "report lost"]

const Record = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  updated_at: Schema.String,
  models: Schema.optionalKey(Schema.Array(Schema.Struct({ id: Schema.String })))
})
const Runtimes = Schema.Array(Schema.Struct({ id: Schema.String, name: Schema.String }))
const Workspaces = Schema.Array(Schema.Struct({ id: Schema.String }))

/** The history of one request's report: each passage that the gate saw, and the record then and at the end. */
interface Story {
  readonly request: string
  readonly fate: Fate
  readonly passages: ReadonlyArray<Passing>
  readonly settledAt: string | null
  readonly record: typeof Record.Type
}

describe("a daemon that is killed", () => {
  it.live(
    "D-17 a daemon killed between finishing work and its acknowledgement, 20 times: 20 results arrive, each applied once",
    () =>
      Effect.gen(function*() {
        const { HOME } = yield* makePerson
        const server = yield* spawnMuster(["server", "--port", "0", "--host", "127.0.0.1", "--json"], { HOME })
        yield* server.awaitOut(/\n\}\n/)
        const { token_file, url } = JSON.parse(server.said().stdout)
        const token = readFileSync(token_file, "utf8").trim()
        const call = <A>(schema: Schema.Codec<A, unknown>, path: string, method = "GET", workspace?: string) =>
          Effect.promise(() =>
            fetch(`${url}${path}`, {
              method,
              headers: { authorization: `Bearer ${token}`, ...(workspace && { "x-workspace-id": workspace }) }
            }).then((response) => response.json() as Promise<unknown>)
          ).pipe(Effect.flatMap(Schema.decodeUnknownEffect(schema)))
        const [workspace] = yield* call(Workspaces, "/api/workspaces")
        const api = <A>(schema: Schema.Codec<A, unknown>, path: string, method = "GET") =>
          call(schema, path, method, workspace!.id)

        const live = Effect.fnUntraced(function*(n: number) {
          const person = yield* makePerson
          const gate = yield* reportGate(url)
          const env = { ...person, MUSTER_SERVER_URL: gate.url, MUSTER_TOKEN: token }
          const start = spawnMuster(["daemon", "--name", `box ${n}`], env)
          const kept = () =>
            readdirSync(`${person.HOME}/.muster/outbox`, { recursive: true }).filter((name) =>
              String(name).endsWith(".json")
            )
          let daemon = yield* start
          yield* daemon.awaitOut(/online +opencode/)
          const { id } = (yield* api(Runtimes, "/api/runtimes")).find(({ name }) => name.includes(`box ${n}`))!
          const stories: Array<Story> = []
          for (const fate of deaths) {
            gate.fate = fate
            const { id: request } = yield* api(Record, `/api/runtimes/${id}/models?fresh=1`, "POST")
            const before = yield* gate.next
            daemon.process.kill("SIGKILL")
            yield* daemon.outcome
            assert.strictEqual(kept().length, 1)
            const then = yield* api(Record, `/api/runtimes/${id}/models/${request}`)
            assert.strictEqual(then.status, fate === "report lost" ? "running" : "completed")

            gate.fate = "passes"
            daemon = yield* start
            const after = yield* gate.next
            const record = yield* api(Record, `/api/runtimes/${id}/models/${request}?wait=20`)
            const settledAt = then.status === "completed" ? then.updated_at : null
            stories.push({ request, fate, passages: [before, after], settledAt, record })
          }
          return stories
        })

        const stories = (yield* Effect.forEach(Array.from({ length: daemons }, (_, n) => n), live, {
          concurrency: "unbounded"
        })).flat()
        const applied = stories.map(({ fate, passages: [before, after], record, request, settledAt }) => {
          const here = [before, after].filter((one) => one!.status !== null)
          assert.isTrue(here.every((one) => one!.status === 200 && one!.path.includes(request)))
          assert.strictEqual(here.length, fate === "report lost" ? 1 : 2)
          // The second report of two changed nothing, not even the time of the last change.
          if (settledAt !== null) assert.strictEqual(record.updated_at, settledAt)
          assert.deepStrictEqual([record.id, record.status], [request, "completed"])
          assert.deepStrictEqual(record.models?.map((model) => model.id), fake.models)
          return request
        })
        assert.strictEqual(new Set(applied).size, 20)
      }),
    testTimeout
  )
})
