import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { csrfToken } from "../../src/access/Csrf.ts"
import { ackOf, openSocket } from "../support/DaemonSocket.ts"
import { openEvents } from "../support/EventStream.ts"
import { request } from "../support/Http.ts"
import type { Options } from "../support/Muster.ts"
import { startHome } from "../support/Scene.ts"
import { Outage } from "../support/Stores.ts"

const minute = 60_000

/** The maximum time by which a derived credential outlives its token, on any replica. */
const within = "10 seconds"

/** Ana's workspace with a token of hers that will end, and its descendants. */
const startDerived = Effect.fnUntraced(function*(expiresAt: number | null = null, options: Options = {}) {
  const scene = yield* startHome(options)
  const { ana, home, me, muster } = scene
  const token = yield* muster.tokenOf(ana.id, expiresAt)
  const his = muster.as(token.secret, home)
  const signIn = (body: object) =>
    Effect.map(request(muster.url, "POST", "/api/session", { body }), ({ headers, status }) => {
      const cookie = headers.getSetCookie().find((line) => line.startsWith("muster_session=")) ?? ""
      return { status, session: cookie.slice("muster_session=".length, cookie.indexOf(";")) }
    })
  const status = (secret: string) => Effect.map(muster.as(secret).get("/api/me"), (answer) => answer.status)
  /** Of the session's cookie, as a browser shows it. */
  const cookieOf = (session: string) =>
    Effect.map(csrfToken(session), (csrf) => ({
      cookie: `muster_session=${session}`,
      "x-csrf-token": csrf,
      "x-workspace-id": home
    }))
  /** Another replica revokes it without a wake to this one. */
  const revokedElsewhere = Effect.orDie(muster.access.revokeToken(ana.id, token.id))
  const revoked = me.delete(`/api/tokens/${token.id}`)
  return { ...scene, cookieOf, his, revoked, revokedElsewhere, signIn, status, token }
})

describe("F-32 what was derived from a credential ends with it", () => {
  it.effect("F-32 a session, a token, and other descendants end with their token: immediately on this replica", () =>
    Effect.gen(function*() {
      const { ana, cookieOf, his, muster, revoked, signIn, status, token } = yield* startDerived()
      const { session } = yield* signIn({ token: token.secret })
      const made = (yield* his.post("/api/tokens", { name: "made" })).json.token
      const again = (yield* muster.as(made).post("/api/tokens", { name: "made with made" })).json.token
      const bySession = yield* request(muster.url, "POST", "/api/tokens", {
        headers: yield* cookieOf(session),
        body: { name: "made in the session" }
      })
      const derived = [session, made, again, bySession.json.token, (yield* signIn({ token: session })).session]
      assert.deepStrictEqual(yield* Effect.forEach(derived, status), [200, 200, 200, 200, 200])
      assert.strictEqual((yield* revoked).status, 204)
      assert.deepStrictEqual(yield* Effect.forEach(derived, status), [401, 401, 401, 401, 401])
      assert.strictEqual(yield* status(ana.token), 200)
    }))

  it.effect("F-32 on another replica within 10 s", () =>
    Effect.gen(function*() {
      const { his, revokedElsewhere, signIn, status, token } = yield* startDerived()
      const { session } = yield* signIn({ token: token.secret })
      const made = (yield* his.post("/api/tokens", { name: "made" })).json.token
      const derived = [session, made]
      assert.deepStrictEqual(yield* Effect.forEach(derived, status), [200, 200])
      yield* revokedElsewhere
      yield* TestClock.adjust(within)
      assert.deepStrictEqual(yield* Effect.forEach(derived, status), [401, 401])
    }))

  it.effect("F-32 a token of one minute makes none that ends later, for any requested end", () =>
    Effect.gen(function*() {
      const { cookieOf, his, muster, signIn, status, token } = yield* startDerived(minute)
      const { session } = yield* signIn({ token: token.secret })
      const headers = yield* cookieOf(session)
      const made: Array<string> = []
      for (const expires_in_days of [undefined, null, 0, -1, 1, 36_500]) {
        const body = { name: "made", expires_in_days }
        const answers = [
          yield* his.post("/api/tokens", body),
          yield* request(muster.url, "POST", "/api/tokens", { headers, body })
        ]
        for (const { json, status } of answers) {
          assert.deepStrictEqual([status, json.expires_at], [201, "1970-01-01T00:01:00Z"])
          made.push(json.token)
        }
      }
      yield* TestClock.adjust(minute)
      yield* TestClock.adjust(within)
      for (const secret of [...made, session]) assert.strictEqual(yield* status(secret), 401)
    }))

  it.effect("F-32 a sign-in link ends with the token that it was made with, and so does the session that it opens", () =>
    Effect.gen(function*() {
      const { his, revoked, signIn, status } = yield* startDerived()
      const link = Effect.map(his.post("/api/session/links", {}), ({ json }) => json.code as string)
      const { session } = yield* signIn({ code: yield* link })
      const unused = yield* link
      assert.strictEqual(yield* status(session), 200)
      yield* revoked
      assert.strictEqual(yield* status(session), 401)
      assert.deepStrictEqual(yield* signIn({ code: unused }), { status: 401, session: "" })
    }))

  it.effect("F-32 signing out ends the session; a token made in it remains valid until the session's own token ends", () =>
    Effect.gen(function*() {
      const { cookieOf, muster, revoked, signIn, status, token } = yield* startDerived()
      const { session } = yield* signIn({ token: token.secret })
      const headers = yield* cookieOf(session)
      const body = { name: "laptop" }
      const { token: made } = (yield* request(muster.url, "POST", "/api/tokens", { headers, body })).json
      yield* request(muster.url, "DELETE", "/api/session", { headers })
      assert.deepStrictEqual([yield* status(session), yield* status(made)], [401, 200])
      yield* revoked
      assert.strictEqual(yield* status(made), 401)
    }))

  it.effect("F-32 event streams end within 10 s, and those of other tokens remain", () =>
    Effect.gen(function*() {
      const { ana, cookieOf, home, muster, revokedElsewhere, signIn, token } = yield* startDerived()
      const { session } = yield* signIn({ token: token.secret })
      const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })
      const streams = [
        yield* openEvents(muster.url, home, bearer(token.secret)),
        yield* openEvents(muster.url, home, yield* cookieOf(session)),
        yield* openEvents(muster.url, home, bearer(ana.token))
      ] as const
      for (const { next } of streams) assert.strictEqual(yield* next, "hello")
      yield* revokedElsewhere
      yield* TestClock.adjust(within)
      assert.deepStrictEqual([yield* streams[0].next, yield* streams[1].next], ["closed", "closed"])
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(yield* streams[2].next, "idle")
    }))

  it.effect("F-32 a silent socket of a daemon is closed with 1008 within 10 s, and those of other tokens remain", () =>
    Effect.gen(function*() {
      const { ana, codex, home, muster, revokedElsewhere, token } = yield* startDerived()
      const bound = yield* muster.daemonToken(home, "daemon-1", minute)
      const query = `?runtime_ids=${codex.id}`
      const ended = [yield* openSocket(muster.url, query, token.secret), yield* openSocket(muster.url, query, bound)]
      const kept = yield* openSocket(muster.url, query, ana.token)
      yield* revokedElsewhere
      yield* TestClock.adjust(within)
      assert.strictEqual(yield* ended[0]!.closed, 1008)
      yield* TestClock.adjust(minute)
      assert.strictEqual(yield* ended[1]!.closed, 1008)
      yield* kept.beat(codex.id)
      assert.deepStrictEqual(yield* kept.next, ackOf(codex.id))
    }))

  it.effect("F-32 a waiting caller gets within 10 s the error that the token has ended", () =>
    Effect.gen(function*() {
      const waits = Promise.withResolvers<void>()
      const { codex, his, revokedElsewhere, waitingRequest } = yield* startDerived(null, {
        wraps: {
          wake: (real) => ({
            subscribe: (topics) => Effect.tap(real.subscribe(topics), () => Effect.sync(() => waits.resolve()))
          })
        }
      })
      const { id } = yield* waitingRequest(codex.id)
      const answer = yield* Effect.forkScoped(his.get(`/api/runtimes/${codex.id}/models/${id}?wait=60`))
      yield* Effect.promise(() => waits.promise)
      yield* revokedElsewhere
      yield* TestClock.adjust(within)
      const { json, status } = yield* Fiber.join(answer)
      assert.deepStrictEqual([status, json], [401, { error: "invalid token", code: "invalid_token" }])
    }))

  it.effect("F-32 an unavailable store ends nothing; one query serves all open connections", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const asked: Array<number> = []
      const { codex, muster, revokedElsewhere, token } = yield* startDerived(null, {
        wraps: {
          access: (real) => ({
            ended: (hashes) => {
              asked.push(hashes.length)
              return outage.guard("Access.ended", real.ended)(hashes)
            }
          })
        }
      })
      yield* TestClock.adjust(minute)
      assert.deepStrictEqual(asked, [])
      const open = openSocket(muster.url, `?runtime_ids=${codex.id}`, token.secret)
      const sockets = [yield* open, yield* open, yield* open]
      outage.down = true
      yield* revokedElsewhere
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual(asked, [1, 1, 1])
      outage.down = false
      yield* TestClock.adjust("3 seconds")
      for (const { closed } of sockets) assert.strictEqual(yield* closed, 1008)
    }))

  it.effect("F-32 tokens that make tokens: 16 deep, then the error states what to do", () =>
    Effect.gen(function*() {
      const { muster, token } = yield* startDerived()
      let last = token.secret
      let answer = { status: 0, json: {} as { token: string; error: string } }
      for (let n = 2; n <= 17; n++) {
        answer = yield* muster.as(last).post("/api/tokens", { name: `${n}` })
        if (n <= 16) last = answer.json.token
      }
      assert.deepStrictEqual([answer.status, answer.json.error], [
        400,
        "this token descends from too many others: make the new one with an older token"
      ])
    }))
})
