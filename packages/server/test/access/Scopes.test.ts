import { assert, describe, it } from "@effect/vitest"
import { Scope, Token } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { csrfToken } from "../../src/access/Csrf.ts"
import { request } from "../support/Http.ts"
import { startHome } from "../support/Scene.ts"

const day = 24 * 60 * 60 * 1000
const header = "x-muster-token-expires"

/** Ana's workspace, and callers whose tokens have these scopes. */
const start = Effect.gen(function*() {
  const scene = yield* startHome()
  const { ana, home, muster } = scene
  const scoped = (scopes: ReadonlyArray<Scope.Scope>, expiresAt: number | null = null) =>
    Effect.map(muster.tokenOf(ana.id, expiresAt, null, Scope.normalize(scopes)), ({ id, secret }) => ({
      id,
      secret,
      ...muster.as(secret, home)
    }))
  return { ...scene, scoped }
})

/** The cookie of a session that a sign-in with this body opens. */
const signIn = (url: string, body: object) =>
  Effect.map(request(url, "POST", "/api/session", { body }), ({ headers }) => {
    const secret = /muster_session=([^;]+)/.exec(headers.get("set-cookie") ?? "")?.[1] ?? ""
    return { secret, headers: { cookie: `muster_session=${secret}` } }
  })

describe("the scopes of tokens", () => {
  it.effect("A-05 a new token has the requested scopes, with `read`; without any, those of its parent", () =>
    Effect.gen(function*() {
      const { me, muster, scoped } = yield* start
      const made = yield* me.post("/api/tokens", { name: "bot", scopes: ["ask"] })
      assert.deepStrictEqual([made.status, made.json.scopes], [201, ["read", "ask"]])
      const bot = muster.as(made.json.token)
      assert.deepStrictEqual((yield* bot.get("/api/me")).json.token.scopes, ["read", "ask"])
      const admin = yield* scoped(["admin"])
      assert.deepStrictEqual((yield* admin.post("/api/tokens", { name: "a" })).json.scopes, ["read", "admin"])
    }))

  it.effect("A-05 no token creates one with a scope that it does not have, and the audit log has the created one", () =>
    Effect.gen(function*() {
      const { me, scoped } = yield* start
      const admin = yield* scoped(["admin"])
      for (const scopes of [["ask"], ["run", "read"], ["read", "ask", "run", "admin"]]) {
        const refused = yield* admin.post("/api/tokens", { name: "more", scopes })
        assert.deepStrictEqual([refused.status, refused.json.error], [
          403,
          "a token cannot create one with a scope that it does not have itself: use a token with that scope"
        ])
      }
      assert.strictEqual((yield* admin.post("/api/tokens", { name: "less", scopes: ["read"] })).status, 201)
      const { events } = (yield* me.get("/api/audit?action=token")).json
      assert.deepStrictEqual(
        events.map(({ details, target }: { details: object; target: { name: string } }) => [target.name, details]),
        [["less", { ...events[0].details, scopes: "read", expires_in_days: null }]]
      )
    }))

  it.effect.each(
    [
      [["write"], 400, "scopes must be a list of read, ask, run, admin"],
      [[], 400, "scopes must be a list of read, ask, run, admin"],
      ["read", 400, "invalid request body"],
      [Array.from({ length: 17 }, () => "read"), 400, "scopes must be a list of at most 16 entries"]
    ] as const
  )("A-05 `scopes` %o is %i: %s", ([scopes, status, error]) =>
    Effect.gen(function*() {
      const { me } = yield* start
      const answer = yield* me.post("/api/tokens", { name: "a", scopes })
      assert.deepStrictEqual([answer.status, answer.json.error], [status, error])
    }))

  it.effect("A-05 a token lists no token beyond its scopes", () =>
    Effect.gen(function*() {
      const { me, scoped } = yield* start
      const [reads, asks, manages] = [yield* scoped(["read"]), yield* scoped(["ask"]), yield* scoped(["admin"])]
      const ids = (caller: typeof reads) =>
        Effect.map(caller.get("/api/tokens"), ({ json }) => json.map(({ id }: { id: string }) => id).toSorted())
      assert.deepStrictEqual(yield* ids(reads), [reads.id])
      assert.deepStrictEqual(yield* ids(asks), [reads.id, asks.id].toSorted())
      assert.deepStrictEqual(yield* ids(manages), [reads.id, manages.id].toSorted())
      assert.strictEqual((yield* me.get("/api/tokens")).json.length, 4)
    }))

  it.effect("A-05 a token without `run` registers no runtime, beats for none and opens no socket", () =>
    Effect.gen(function*() {
      const { codex, home, scoped } = yield* start
      const asks = yield* scoped(["ask", "admin"])
      const register = { workspace_id: home, daemon_id: "daemon-9", runtimes: [{ type: "codex" }] }
      const answers = [
        yield* asks.post("/api/daemon/register", register),
        yield* asks.post("/api/daemon/heartbeat", { runtime_id: codex.id }),
        yield* asks.get(`/api/daemon/ws?runtime_ids=${codex.id}`)
      ]
      for (const { json, status } of answers) {
        assert.deepStrictEqual([status, json], [403, {
          error: "this call needs the scope run, and this token has read, ask, admin: " +
            "use a token with that scope, or create one: muster token create --scope run",
          code: "scope_missing"
        }])
      }
      const runs = yield* scoped(["run"])
      assert.strictEqual((yield* runs.post("/api/daemon/register", register)).status, 200)
      assert.strictEqual((yield* runs.get("/api/workspaces")).status, 200)
    }))

  it.effect("A-05 a session has the scopes of the token that it came from, by token and by link", () =>
    Effect.gen(function*() {
      const { codex, home, muster, scoped } = yield* start
      const asks = yield* scoped(["ask"])
      const { code } = (yield* asks.post("/api/session/links")).json
      for (const body of [{ token: asks.secret }, { code }]) {
        const session = yield* signIn(muster.url, body)
        const me = yield* request(muster.url, "GET", "/api/me", { headers: session.headers })
        assert.deepStrictEqual(me.json.token.scopes, ["read", "ask"])
        const rename = yield* request(muster.url, "PATCH", `/api/runtimes/${codex.id}`, {
          headers: { ...session.headers, "x-csrf-token": yield* csrfToken(session.secret), "x-workspace-id": home },
          body: { name: "Mine" }
        })
        assert.deepStrictEqual([rename.status, rename.json.code], [403, "scope_missing"])
      }
    }))
})

describe("the end of tokens", () => {
  it.effect("A-05 each response has the warning from 14 days before the token ends", () =>
    Effect.gen(function*() {
      const { scoped } = yield* start
      const end = Token.warnBefore + day / 12
      const soon = yield* scoped(["admin"], end)
      const seen: Array<string | null> = []
      for (let n = 0; n < 2; n++) {
        seen.push((yield* soon.get("/api/me")).headers.get(header))
        yield* TestClock.adjust("1 hour")
        seen.push((yield* soon.get("/api/runtimes")).headers.get(header))
        yield* TestClock.adjust("1 hour")
      }
      const text = new Date(end).toISOString()
      assert.deepStrictEqual(seen, [null, null, text, text])
      // Also if the call is refused.
      assert.strictEqual((yield* soon.get("/api/skills/x")).headers.get(header), text)
      assert.deepStrictEqual((yield* soon.get("/api/me")).json.token, {
        id: soon.id,
        scopes: ["read", "admin"],
        expires_at: "1970-01-15T02:00:00Z"
      })
    }))

  it.effect("A-05 a session warns about the end of the token that it came from, not of its own", () =>
    Effect.gen(function*() {
      const { ana, muster, scoped } = yield* start
      const soon = yield* scoped(["read"], 13 * day)
      const look = Effect.fnUntraced(function*(token: string) {
        const session = yield* signIn(muster.url, { token })
        return (yield* request(muster.url, "GET", "/api/me", { headers: session.headers })).headers.get(header)
      })
      assert.deepStrictEqual([yield* look(soon.secret), yield* look(ana.token)], [
        new Date(13 * day).toISOString(),
        null
      ])
    }))

  it.effect("A-05 a renewal keeps the secret, moves the end by 90 days or as requested, and ends the warning immediately", () =>
    Effect.gen(function*() {
      const { me, scoped } = yield* start
      const soon = yield* scoped(["admin"], day / 2)
      assert.isNotNull((yield* soon.get("/api/me")).headers.get(header))
      const renewed = yield* soon.post(`/api/tokens/${soon.id}/renew`, {})
      assert.deepStrictEqual([renewed.status, renewed.json.expires_at], [200, "1970-04-01T00:00:00Z"])
      assert.isNull((yield* soon.get("/api/me")).headers.get(header))
      yield* TestClock.adjust("13 hours")
      assert.strictEqual((yield* soon.get("/api/me")).status, 200)
      const longer = yield* me.post(`/api/tokens/${soon.id}/renew`, { expires_in_days: 365 })
      assert.strictEqual(longer.json.expires_at, "1971-01-01T13:00:00Z")
      const { events } = (yield* me.get("/api/audit?action=token.renew")).json
      assert.deepStrictEqual(
        events.map(({ details }: { details: { expires_in_days: number } }) => details.expires_in_days),
        [
          365,
          90
        ]
      )
    }))

  it.effect("A-05 no token renews one with a scope that it does not have, or to an end later than its origin's", () =>
    Effect.gen(function*() {
      const { ana, muster, scoped } = yield* start
      const soon = yield* scoped(Scope.all, 3 * day)
      const admin = yield* scoped(["admin"])
      const refused = yield* admin.post(`/api/tokens/${soon.id}/renew`, {})
      assert.deepStrictEqual([refused.status, refused.json.error], [404, "token not found"])
      const child = yield* muster.tokenOf(ana.id, day, soon.id)
      const bound = yield* soon.post(`/api/tokens/${child.id}/renew`, {})
      assert.deepStrictEqual([bound.status, bound.json.expires_at], [200, "1970-01-04T00:00:00Z"])
    }))

  it.effect("A-05 a refused renewal has its reason, and what to do", () =>
    Effect.gen(function*() {
      const { ana, me, muster } = yield* start
      const expired = yield* muster.tokenOf(ana.id, 0)
      const session = yield* signIn(muster.url, { token: ana.token })
      assert.notStrictEqual(session.secret, "")
      const tokens: ReadonlyArray<{ readonly id: string; readonly name: string }> = (yield* me.get("/api/tokens")).json
      const sessionId = tokens.find(({ name }) => name === "console session")!.id
      const own = (yield* me.get("/api/me")).json.token.id
      const renew = (id: string, body: object = {}) =>
        Effect.map(me.post(`/api/tokens/${id}/renew`, body), ({ json, status }) => [status, json.error])
      assert.deepStrictEqual(yield* renew(expired.id), [400, "this token has ended: create a new one"])
      assert.deepStrictEqual(yield* renew(sessionId), [
        400,
        "this is no token for calls: sign in again to get a new session"
      ])
      assert.deepStrictEqual(yield* renew(own), [400, "this token never ends: it needs no renewal"])
      assert.deepStrictEqual(yield* renew("junk"), [400, "invalid token id"])
      for (const days of [0, -1, 1.5, 36_501, "9"]) {
        assert.strictEqual((yield* renew(expired.id, { expires_in_days: days }))[0], 400)
      }
    }))
})
