import { assert, describe, layer } from "@effect/vitest"
import { Kinds } from "@muster/domain"
import { Arbitrary, Context, Effect, type Effect as E, Layer, Schema } from "effect"
import { startHome } from "../support/Scene.ts"

/** One server for all the bodies. */
class Home extends Context.Service<Home, E.Success<ReturnType<typeof startHome>>>()("@muster/server/test/Home") {}

const routes = [
  ["/api/tokens", ["name", "expires_in_days"]],
  ["/api/workspaces", ["name", "slug", "description", "context", "issue_prefix"]],
  ["/api/runtimes/{runtime}", ["timezone", "visibility", "name"]],
  ["/api/runtimes/{runtime}/models", ["a"]],
  ["/api/daemon/register", ["workspace_id", "daemon_id", "legacy_daemon_ids", "device_name", "timezone", "runtimes"]],
  ["/api/daemon/deregister", ["runtime_ids"]],
  ["/api/daemon/heartbeat", ["runtime_id", "supports_batch_import"]],
  ["/api/daemon/runtimes/{runtime}/recover-orphans", ["a"]],
  ["/api/daemon/runtimes/{runtime}/tasks/claim", ["a"]],
  ["/api/runtimes/{runtime}/local-skills/import", ["skill_key", "name", "description", "overwrite"]],
  ["/api/runtimes/{runtime}/local-skills/imports", ["requests"]],
  ["/api/daemon/runtimes/{runtime}/models/{request}/result", ["status", "models", "supported", "error", "source"]],
  ["/api/daemon/runtimes/{runtime}/local-skills/import/{import}/result", ["status", "skill", "error"]]
] as const

/** Words that reach deeper into a route than random ones. */
const word = Schema.Literals([
  "completed",
  "failed",
  "online",
  "home",
  "{home}",
  "{runtime}",
  "{request}",
  "\u0000",
  "\ud800",
  "__proto__"
])

const bodyOf = (fields: ReadonlyArray<string>) =>
  Arbitrary.schema(Schema.Union([
    Schema.Json,
    Schema.Struct(Object.fromEntries(fields.map((field) => [
      field,
      Schema.optionalKey(Schema.Union([word, Schema.Json, Schema.Array(Schema.Union([word, Schema.Json]))]))
    ])))
  ]))

describe("X-03 random JSON", () => {
  layer(Layer.effect(Home, startHome()))((it) => {
    for (const [route, fields] of routes) {
      it.effect.prop(
        `${route} never answers 5xx, and refuses in the error's form`,
        [bodyOf(fields)],
        ([body]) =>
          Effect.gen(function*() {
            const { ana, home, me, muster, waitingRequest } = yield* Home
            // Online for each body: an earlier one may have deregistered it, and offline it answers 503.
            const codex = yield* muster.runtime(home, { owner: ana.id })
            const { request: imported } = yield* Effect.orDie(muster.requests.create({
              kind: {
                ...Kinds.LocalSkillImport,
                terms: { ...Kinds.LocalSkillImport.terms, admission: { _tag: "Many", max: 10_000 } }
              },
              runtimeId: codex.id,
              payload: { skill_key: "a" },
              by: ana.id
            }))
            const { id } = yield* waitingRequest(codex.id)
            const fill = (text: string) =>
              text.replaceAll("{runtime}", codex.id).replaceAll("{home}", home).replaceAll("{request}", id)
                .replaceAll("{import}", imported.id)
            const text = fill(JSON.stringify(body))
            const call = route === "/api/runtimes/{runtime}" ? me.patch : me.post
            const { json, status } = yield* call(fill(route), text)
            assert.isBelow(status, 500, text)
            if (status >= 400) assert.deepStrictEqual(Object.keys(json).toSorted(), ["code", "error"], text)
          }),
        { arbitrary: { runs: 60 } }
      )
    }
  })
})
