import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { startMuster } from "../support/Muster.ts"
import { dead } from "../support/Stores.ts"

const nobodys = "11111111-2222-4333-8444-555555555555"

/** `docs/protocol.md` 2.4. `{home}` and `{other}` are the ids of Ana's workspace and of one she is not a member of. */
const rows = [
  { by: "a slug in the query", query: "?workspace_slug=home", headers: {}, status: 200 },
  { by: "a slug in the header", query: "", headers: { "x-workspace-slug": "home" }, status: 200 },
  { by: "an id in the query", query: "?workspace_id={home}", headers: {}, status: 200 },
  { by: "an id in the header", query: "", headers: { "x-workspace-id": "{home}" }, status: 200 },
  { by: "an id in upper case", query: "?workspace_id={HOME}", headers: {}, status: 200 },
  {
    by: "a slug in the query before one in the header",
    query: "?workspace_slug=home",
    headers: { "x-workspace-slug": "no-such" },
    status: 200
  },
  {
    by: "a slug in the header before an id in the query",
    query: "?workspace_id=junk",
    headers: { "x-workspace-slug": "home" },
    status: 200
  },
  {
    by: "an id in the query before one in the header",
    query: "?workspace_id={home}",
    headers: { "x-workspace-id": "junk" },
    status: 200
  },
  {
    by: "an unknown slug",
    query: "?workspace_slug=no-such",
    headers: { "x-workspace-id": "{home}" },
    status: 404,
    error: "workspace not found"
  },
  { by: "nothing", query: "", headers: {}, status: 400, error: "workspace_id or workspace_slug is required" },
  { by: "an id that is none", query: "?workspace_id=junk", headers: {}, status: 400, error: "invalid workspace_id" },
  { by: "an unknown id", query: `?workspace_id=${nobodys}`, headers: {}, status: 404, error: "workspace not found" },
  {
    by: "the id of a workspace of others",
    query: "?workspace_id={other}",
    headers: {},
    status: 404,
    error: "workspace not found"
  },
  {
    by: "the slug of a workspace of others",
    query: "?workspace_slug=other",
    headers: {},
    status: 404,
    error: "workspace not found"
  }
] as const

describe("which workspace a call is about", () => {
  it.effect.each(rows)("2.4 by $by: $status", ({ headers, query, status, ...row }) =>
    Effect.gen(function*() {
      const muster = yield* startMuster()
      const ana = yield* muster.person("ana")
      const home = (yield* muster.workspace("home", ana)).id
      const other = (yield* muster.workspace("other", yield* muster.person("eve"))).id
      const fill = (text: string) =>
        text.replace("{home}", home).replace("{HOME}", home.toUpperCase()).replace("{other}", other)
      const filled = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value)]))
      const answer = yield* muster.as(ana.token).get(`/api/runtimes${fill(query)}`, undefined, filled)
      assert.strictEqual(answer.status, status)
      assert.deepStrictEqual("error" in row ? answer.json.error : answer.json, "error" in row ? row.error : [])
    }))

  it.effect.each(["workspace", "workspaceBySlug", "roleOf"] as const)(
    "2.4 `%s` of a dead store: 500, not 404",
    (operation) =>
      Effect.gen(function*() {
        const muster = yield* startMuster({ wraps: { access: () => ({ [operation]: () => dead(operation) }) } })
        const ana = yield* muster.person("ana")
        const home = (yield* muster.workspace("home", ana)).id
        const query = operation === "workspaceBySlug" ? "workspace_slug=home" : `workspace_id=${home}`
        const answer = yield* muster.as(ana.token).get(`/api/runtimes?${query}`)
        assert.deepStrictEqual([answer.status, answer.json.error], [500, "failed to load workspace"])
      })
  )

  it.effect("2.4 a runtime in another workspace of the caller is accessible", () =>
    Effect.gen(function*() {
      const muster = yield* startMuster()
      const ana = yield* muster.person("ana")
      const home = (yield* muster.workspace("home", ana)).id
      const second = (yield* muster.workspace("second", ana)).id
      const there = yield* muster.runtime(second)
      const answer = yield* muster.as(ana.token, home).get(`/api/runtimes/${there.id}`)
      assert.deepStrictEqual([answer.status, answer.json.workspace_id], [200, second])
    }))
})
