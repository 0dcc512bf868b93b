import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { startMuster } from "../support/Muster.ts"

/** Bodies that make no workspace. `docs/protocol.md` 3.7. */
const refused = [
  ["nothing", {}, 400, "name and slug are required"],
  ["no slug", { name: "a" }, 400, "name and slug are required"],
  ["no name", { slug: "a" }, 400, "name and slug are required"],
  ["null as its name", { name: null, slug: "a" }, 400, "name and slug are required"],
  [
    "a space in its slug",
    { name: "a", slug: "a b" },
    400,
    "slug must contain only lowercase letters, numbers, and hyphens"
  ],
  [
    "a hyphen at the end",
    { name: "a", slug: "a-" },
    400,
    "slug must contain only lowercase letters, numbers, and hyphens"
  ],
  ["a reserved slug", { name: "a", slug: "API" }, 400, "slug is reserved"],
  ["a taken slug", { name: "a", slug: "Taken" }, 409, "workspace slug already exists"],
  ["a number as its name", { name: 1, slug: "a" }, 400, "invalid request body"],
  ["a list", [], 400, "invalid request body"]
] as const

describe("workspaces", () => {
  it.effect("3.7 a new workspace is 201, its slug in lower case, its creator the owner", () =>
    Effect.gen(function*() {
      const muster = yield* startMuster()
      const ana = yield* muster.person("ana")
      const made = yield* muster.as(ana.token).post("/api/workspaces", {
        name: " Acme ",
        slug: "ACME-1",
        description: "tools",
        unknown: true
      })
      const { id, ...rest } = made.json
      assert.strictEqual(made.status, 201)
      assert.deepStrictEqual(rest, {
        name: "Acme",
        slug: "acme-1",
        description: "tools",
        context: null,
        settings: {},
        repos: [],
        issue_prefix: "ACM",
        created_at: "1970-01-01T00:00:00Z",
        updated_at: "1970-01-01T00:00:00Z"
      })
      assert.strictEqual(muster.accessState.members.get(ana.id)?.get(id)?.role, "owner")
    }))

  it.effect.each(refused)("3.7 a body with %s: %i", ([, body, status, error]) =>
    Effect.gen(function*() {
      const muster = yield* startMuster()
      const ana = yield* muster.person("ana")
      yield* muster.workspace("taken", ana)
      const answer = yield* muster.as(ana.token).post("/api/workspaces", body)
      assert.deepStrictEqual([answer.status, answer.json.error], [status, error])
      assert.strictEqual(muster.accessState.workspaces.size, 1)
    }))

  it.effect("5.1 the list is a bare array of the caller's workspaces, oldest first", () =>
    Effect.gen(function*() {
      const muster = yield* startMuster()
      const [ana, eve] = [yield* muster.person("ana"), yield* muster.person("eve")]
      const first = yield* muster.workspace("first", eve)
      yield* TestClock.adjust("1 second")
      yield* muster.workspace("hers", eve)
      yield* muster.workspace("second", ana)
      yield* muster.member(ana, first.id, "member")
      const answer = yield* muster.as(ana.token).get("/api/workspaces")
      assert.deepStrictEqual([answer.status, answer.json.map(({ name }: { name: string }) => name)], [200, [
        "first",
        "second"
      ]])
      assert.deepStrictEqual(answer.json[0], {
        id: first.id,
        name: "first",
        slug: "first",
        description: null,
        context: null,
        settings: {},
        repos: [],
        issue_prefix: "T",
        created_at: "1970-01-01T00:00:00Z",
        updated_at: "1970-01-01T00:00:00Z"
      })
    }))
})
