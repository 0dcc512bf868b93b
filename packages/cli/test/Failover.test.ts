import { assert, describe, it } from "@effect/vitest"
import { makePostgresPair } from "@muster/store-suite"
import { Clock, Effect, Redacted, Schedule, Schema } from "effect"
import { startReplica } from "./support/Replica.ts"
import { makeHome, runMuster } from "./support/runMuster.ts"

/** Real processes on a machine that may be busy. */
const testTimeout = 240_000

const Ready = Schema.Struct({
  status: Schema.String,
  checks: Schema.Record(Schema.String, Schema.String),
  reasons: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
})
const Asked = Schema.Struct({ id: Schema.String })
const Refused = Schema.Struct({ error: Schema.String })
const Rows = Schema.Array(Schema.Struct({ id: Schema.String }))
const Registered = Schema.Struct({ runtimes: Rows })

/** Calls of the owner: the status, and the answer in this schema. */
const ownerOf =
  (url: string, token: string, workspace?: string) =>
  <A>(schema: Schema.Codec<A, unknown>, method: string, path: string, body?: object) =>
    Effect.tryPromise(() =>
      fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          ...(workspace === undefined ? {} : { "x-workspace-id": workspace })
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      }).then(async (response) => ({ status: response.status, answer: await response.json() as unknown }))
    ).pipe(
      Effect.flatMap(({ answer, status }) =>
        Effect.map(Schema.decodeUnknownEffect(schema)(answer), (read) => ({ status, answer: read }))
      )
    )

/** Repeats the call until the answer has this schema and this status. */
const until = <A, E>(call: Effect.Effect<{ readonly status: number; readonly answer: A }, E>, status: number) =>
  call.pipe(
    Effect.filterOrFail((found) => found.status === status),
    Effect.retry(Schedule.spaced("100 millis")),
    Effect.map(({ answer }) => answer)
  )

const noWrites = "the database accepts no writes (is a failover under way?)"

/** The checks that write. */
const written = ["db", "requests", "runtimes", "access", "skills", "catalogue", "journal"]

describe("a server whose PostgreSQL fails over", () => {
  it.live(
    "F-02 it is not ready, and reports why to people and doctor, while a standby is in recovery; it is ready 10 s after the promotion",
    () =>
      Effect.gen(function*() {
        const { primary, promote, switchTo, url: database } = yield* makePostgresPair
        const home = yield* makeHome
        const { token, url } = yield* startReplica({ HOME: home, DATABASE_URL: Redacted.value(database) }, "data")
        const doctor = Effect.map(
          runMuster(["doctor", "--json"], { home, env: { MUSTER_SERVER_URL: url, MUSTER_TOKEN: token } }),
          ({ stdout }) =>
            (JSON.parse(stdout) as { checks: ReadonlyArray<{ name: string; status: string; says: string }> })
              .checks.find(({ name }) => name === "server")!
        )
        const workspace = (yield* ownerOf(url, token)(Rows, "GET", "/api/workspaces")).answer[0]!.id
        const owner = ownerOf(url, token, workspace)
        const { answer: { runtimes: [runtime] } } = yield* owner(Registered, "POST", "/api/daemon/register", {
          workspace_id: workspace,
          daemon_id: "box",
          runtimes: [{ name: "x", type: "codex", version: "1.0.0", status: "online" }]
        })
        const path = `/api/runtimes/${runtime!.id}/models`
        const ready = owner(Ready, "GET", "/readyz")
        assert.strictEqual((yield* ready).status, 200)
        assert.strictEqual((yield* owner(Asked, "POST", path)).status, 200)

        yield* primary.kill
        yield* switchTo("standby")
        yield* ready.pipe(
          Effect.filterOrFail(({ answer: { reasons }, status }) =>
            status === 503 && written.every((name) => reasons?.[name] === noWrites)
          ),
          Effect.retry(Schedule.spaced("100 millis"))
        )
        const refused = yield* until(owner(Refused, "POST", path), 500)
        assert.include(refused.error, noWrites)
        assert.notMatch(refused.error, /\w+\.\w+\(|RequestStore|127\.0\.0\.1/)
        const ill = yield* doctor
        assert.strictEqual(ill.status, "fail")
        assert.include(ill.says, noWrites)

        const since = yield* Clock.currentTimeMillis
        yield* promote
        yield* until(ready, 200)
        yield* until(owner(Asked, "POST", path), 200)
        const took = (yield* Clock.currentTimeMillis) - since
        process.stdout.write(`F-02 a server was ready again ${took} ms after the promotion began\n`)
        assert.isBelow(took, 10_000)
        // It may still report calls that failed within the last minute.
        assert.notStrictEqual((yield* doctor).status, "fail")
      }),
    testTimeout
  )
})
