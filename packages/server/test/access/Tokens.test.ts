import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { startMuster } from "../support/Muster.ts"
import { type AnyCall, Outage } from "../support/Stores.ts"

const startAna = Effect.gen(function*() {
  const muster = yield* startMuster()
  const ana = yield* muster.person("ana")
  return { muster, ana, me: muster.as(ana.token) }
})

/** Bodies that make no token. `docs/protocol.md` 3.5. */
const refused = [
  ["no name", {}, "name is required"],
  ["an empty name", { name: "" }, "name is required"],
  ["a blank name", { name: "  " }, "name is required"],
  ["null as its name", { name: null }, "name is required"],
  ["a name of 201 characters", { name: "a".repeat(201) }, "name must be at most 200 characters"],
  ["a number as its name", { name: 1 }, "invalid request body"],
  ["half a day", { name: "a", expires_in_days: 0.5 }, "invalid request body"],
  ["days as text", { name: "a", expires_in_days: "1" }, "invalid request body"],
  ["more days than the calendar has", { name: "a", expires_in_days: 1e15 }, "invalid request body"]
] as const

describe("the caller and their tokens", () => {
  it.effect("3.3 `GET /api/me` shows the caller", () =>
    Effect.gen(function*() {
      const { ana, me } = yield* startAna
      const answer = yield* me.get("/api/me")
      const { token, ...user } = answer.json
      assert.deepStrictEqual([answer.status, user], [200, { id: ana.id, name: "ana", email: "ana@example.com" }])
      const { id, ...rest } = token
      assert.match(id, /^[0-9a-f-]{36}$/)
      assert.deepStrictEqual(rest, { scopes: ["read", "ask", "run", "admin"], expires_at: null })
    }))

  it.effect("3.3 a caller whose user is gone: 404 `user not found`", () =>
    Effect.gen(function*() {
      const { ana, me, muster } = yield* startAna
      muster.accessState.users.delete(ana.id)
      const answer = yield* me.get("/api/me")
      assert.deepStrictEqual([answer.status, answer.json], [404, { error: "user not found", code: "user_not_found" }])
    }))

  it.effect("3.5 a new token is 201, shows its secret only here, and works", () =>
    Effect.gen(function*() {
      const { me, muster } = yield* startAna
      const made = yield* me.post("/api/tokens", { name: " laptop ", expires_in_days: 90, unknown: 1 })
      const { created_at, id, token, ...rest } = made.json
      assert.strictEqual(made.status, 201)
      assert.match(token, /^mul_[0-9a-f]{40}$/)
      assert.strictEqual(created_at, "1970-01-01T00:00:00Z")
      assert.deepStrictEqual(rest, {
        name: "laptop",
        purpose: "api",
        scopes: ["read", "ask", "run", "admin"],
        token_prefix: token.slice(0, 12),
        expires_at: "1970-04-01T00:00:00Z",
        last_used_at: null
      })
      assert.strictEqual((yield* muster.as(token).get("/api/me")).status, 200)
      const listed = (yield* me.get("/api/tokens")).json.find((row: { id: string }) => row.id === id)
      assert.deepStrictEqual(listed, { ...rest, id, created_at })
    }))

  it.effect.each([["left out", undefined], ["null", null], ["0", 0], ["-1", -1]] as const)(
    "3.5 `expires_in_days` %s: never expires",
    ([, expires_in_days]) =>
      Effect.gen(function*() {
        const { me } = yield* startAna
        const made = yield* me.post("/api/tokens", { name: "a", expires_in_days })
        assert.deepStrictEqual([made.status, made.json.expires_at], [201, null])
      })
  )

  it.effect.each(refused)("3.5 a body with %s: 400", ([, body, error]) =>
    Effect.gen(function*() {
      const { me } = yield* startAna
      const answer = yield* me.post("/api/tokens", body)
      assert.deepStrictEqual([answer.status, answer.json.error], [400, error])
      assert.strictEqual((yield* me.get("/api/tokens")).json.length, 1)
    }))

  it.effect("3.5 the list is newest first, with expired ones, without revoked ones and those of others", () =>
    Effect.gen(function*() {
      const { ana, me, muster } = yield* startAna
      yield* muster.person("eve")
      const expired = yield* muster.tokenOf(ana.id, 0)
      const made = yield* Effect.forEach(["old", "gone", "new"], (name) => me.post("/api/tokens", { name }))
      assert.strictEqual((yield* me.delete(`/api/tokens/${made[1]!.json.id}`)).status, 204)
      const listed: Array<{ readonly id: string; readonly name: string }> = (yield* me.get("/api/tokens")).json
      assert.deepStrictEqual(listed.map(({ name }) => name), ["new", "old", "test", "test"])
      assert.strictEqual(listed[2]!.id, expired.id)
    }))

  it.effect("3.5 deleting is 204 with an empty body, also for an unknown id and for another person's, which remains valid", () =>
    Effect.gen(function*() {
      const { me, muster } = yield* startAna
      const eve = yield* muster.person("eve")
      const hers = yield* muster.tokenOf(eve.id)
      for (const id of [hers.id, "11111111-2222-4333-8444-555555555555"]) {
        const answer = yield* me.delete(`/api/tokens/${id}`)
        assert.deepStrictEqual([answer.status, answer.text], [204, ""])
      }
      assert.strictEqual((yield* muster.as(hers.secret).get("/api/me")).status, 200)
    }))

  it.effect("3.5 deleting by an invalid id: 400 `invalid token id`", () =>
    Effect.gen(function*() {
      const { me } = yield* startAna
      const answer = yield* me.delete("/api/tokens/junk")
      assert.deepStrictEqual([answer.status, answer.json], [400, {
        error: "invalid token id",
        code: "invalid_token_id"
      }])
    }))

  it.effect("3.5 the time of last use is written each minute", () =>
    Effect.gen(function*() {
      const { me } = yield* startAna
      const before = yield* me.get("/api/tokens")
      yield* TestClock.adjust("1 minute")
      const after = yield* me.get("/api/tokens")
      assert.deepStrictEqual([before.json[0].last_used_at, after.json[0].last_used_at], [null, "1970-01-01T00:01:00Z"])
    }))

  it.effect("F-23 times of last use of a failed write are written later, together with newer ones", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const muster = yield* startMuster({
        wraps: { access: (real) => ({ touchTokens: outage.guard("Access.touchTokens", real.touchTokens) }) }
      })
      const ana = yield* muster.person("ana")
      const bob = yield* muster.person("bob")
      const used = (token: string) =>
        Effect.map(muster.as(token).get("/api/tokens"), ({ json }) => json[0].last_used_at as string | null)
      outage.down = true
      yield* muster.as(ana.token).get("/api/me")
      yield* TestClock.adjust("1 minute")
      yield* muster.as(bob.token).get("/api/me")
      yield* TestClock.adjust("1 minute")
      outage.down = false
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual([yield* used(ana.token), yield* used(bob.token)], [
        "1970-01-01T00:03:00Z",
        "1970-01-01T00:03:00Z"
      ])
    }))

  it.effect.each(
    [
      ["GET", "/api/me", "user", "failed to load user"],
      ["GET", "/api/tokens", "listTokens", "failed to list tokens"],
      ["POST", "/api/tokens", "createToken", "failed to create token"],
      ["POST", "/api/tokens/11111111-2222-4333-8444-555555555555/renew", "listTokens", "failed to list tokens"],
      ["DELETE", "/api/tokens/11111111-2222-4333-8444-555555555555", "revokeToken", "failed to revoke token"],
      ["GET", "/api/workspaces", "workspacesOf", "failed to list workspaces"],
      ["POST", "/api/workspaces", "createWorkspace", "failed to create workspace"]
    ] as const
  )("%s %s with a dead store: 500 in one sentence", ([method, path, operation, error]) =>
    Effect.gen(function*() {
      const outage = new Outage()
      const muster = yield* startMuster({
        wraps: { access: (real) => ({ [operation]: outage.guard(operation, real[operation] as AnyCall) }) }
      })
      const me = muster.as((yield* muster.person("ana")).token)
      outage.down = true
      const verb = method === "GET" ? me.get : method === "POST" ? me.post : me.delete
      const answer = yield* verb(path, method === "POST" ? { name: "a", slug: "a" } : undefined)
      assert.deepStrictEqual([answer.status, answer.json], [500, { error, code: "unavailable" }])
    }))
})
