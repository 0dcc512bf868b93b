import { assert, describe, it } from "@effect/vitest"
import { freshDatabase, lineToUrl, testRedis } from "@muster/store-suite"
import { Effect, Exit, Fiber, Redacted, Schema } from "effect"
import { makePerson } from "./support/FakeOpenCode.ts"
import { calls, startReplica } from "./support/Replica.ts"

/** Real processes on a machine that may be busy. */
const testTimeout = 180_000

const Workspaces = Schema.Array(Schema.Struct({ id: Schema.String }))
const Registered = Schema.Struct({ runtimes: Schema.Array(Schema.Struct({ id: Schema.String })) })
const Asked = Schema.Struct({ id: Schema.String })
const Looked = Schema.Struct({ status: Schema.String, models: Schema.optionalKey(Schema.Json) })
const Ack = Schema.Struct({
  status: Schema.Literal("ok"),
  pending_model_list: Schema.optionalKey(Asked)
})
const Done = Schema.Struct({ status: Schema.Literal("ok") })

const models = (name: string) => [{ id: `fake/${name}`, label: name, provider: "fake", default: false }]
const report = (name: string) => ({ status: "completed", supported: true, models: models(name) })

/**
 * The text of a claim of one list of models on the line to the request store: by its arguments, since a connection that
 * ran the statement before sends its text no more.
 */
const environments: ReadonlyArray<{ readonly name: "cluster" | "postgres"; readonly claim: RegExp }> = [
  { name: "cluster", claim: /\nevalsha\r\n[^{}]*\{[^{}]*\}:requests\r\n[^{}]*\r\nmodel_list\r\n\$1\r\n1\r\n/i },
  { name: "postgres", claim: /"kind":"model_list","most":1,/ }
]

describe.each(environments)("a replica killed between claim and reply in the environment $name", ({ claim, name }) => {
  it.live(
    "R-06 costs the beat its work, and nothing else: no other daemon gets it, and its report settles it",
    () =>
      Effect.gen(function*() {
        const database = yield* freshDatabase
        const redis = Redacted.make(name === "cluster" ? yield* testRedis : "")
        const line = yield* lineToUrl(name === "cluster" ? redis : database)
        const environment = (database: Redacted.Redacted, redis: Redacted.Redacted) => ({
          DATABASE_URL: Redacted.value(database),
          ...(name === "cluster" ? { REDIS_URL: Redacted.value(redis) } : {})
        })
        const person = yield* makePerson
        const behindLine = name === "cluster" ? environment(database, line.url) : environment(line.url, redis)
        const a = yield* startReplica({ ...person, ...behindLine }, "a")
        const b = yield* startReplica({ ...person, ...environment(database, redis) }, "b")

        const [workspace] = yield* calls(a.token)(Workspaces, "GET", `${a.url}/api/workspaces`)
        const call = calls(a.token, workspace!.id)
        const { runtimes: [runtime] } = yield* call(Registered, "POST", `${a.url}/api/daemon/register`, {
          workspace_id: workspace!.id,
          daemon_id: "killed",
          runtimes: [{ name: "Opencode", type: "opencode", version: "1.0.0", status: "online" }]
        })
        const id = runtime!.id
        const ask = (at: typeof a) =>
          Effect.map(call(Asked, "POST", `${at.url}/api/runtimes/${id}/models?fresh=1`), ({ id }) => id)
        const look = (request: string) => call(Looked, "GET", `${b.url}/api/runtimes/${id}/models/${request}`)
        const beat = (at: typeof a) =>
          Effect.map(
            call(Ack, "POST", `${at.url}/api/daemon/heartbeat`, { runtime_id: id }),
            (ack) => ack.pending_model_list?.id
          )
        const settle = (at: typeof a, request: string, body: object) =>
          call(Done, "POST", `${at.url}/api/daemon/runtimes/${id}/models/${request}/result`, body)

        // All is ready, and every script is loaded where it is needed.
        const first = yield* ask(a)
        assert.strictEqual(yield* Effect.repeat(beat(a), { until: (work) => work !== undefined }), first)
        yield* settle(a, first, report("first"))

        const request = yield* ask(b)
        const claimed = yield* Effect.forkChild(line.muteAfter(claim), { startImmediately: true })
        const cut = yield* Effect.forkChild(Effect.exit(Effect.forever(beat(a))), { startImmediately: true })
        yield* Fiber.join(claimed)
        assert.isTrue(a.process.kill("SIGKILL"))
        assert.isTrue(Exit.isFailure(yield* Fiber.join(cut)))

        // The claim succeeded although its caller did not get the answer.
        assert.strictEqual((yield* look(request)).status, "running")
        assert.isUndefined(yield* beat(b))
        assert.strictEqual(yield* ask(b), request)
        assert.isUndefined(yield* beat(b))

        // The daemon reports at the other replica, twice, and the first report counts.
        yield* settle(b, request, report("second"))
        yield* settle(b, request, report("third"))
        assert.deepStrictEqual(yield* look(request), { status: "completed", models: models("second") })
        assert.isUndefined(yield* beat(b))
        assert.deepStrictEqual(yield* look(first), { status: "completed", models: models("first") })
      }),
    testTimeout
  )
})
