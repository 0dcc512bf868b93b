import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { csrfToken } from "../../src/access/Csrf.ts"
import { type Answer, request } from "../support/Http.ts"
import { startHome } from "../support/Scene.ts"

const newcomer = { name: " Ned ", email: " Ned@Example.com " }
const said = ({ json, status }: Answer) => [status, json?.error]

const gone = (how: string) => [410, `this invitation ${how}: ask for a new one`]
const invalid = [404, "this invitation link is not valid: check that it is complete, or ask for a new one"]

describe("invitation links", () => {
  it.effect("A-01 a link shows what it is for, and makes a newcomer a member with a token", () =>
    Effect.gen(function*() {
      const { home, me, muster } = yield* startHome()
      const made = yield* me.post(`/api/workspaces/${home}/invitations`, { role: "admin" })
      const { path, secret } = made.json
      assert.strictEqual(made.status, 201)
      assert.match(secret, /^miv_[0-9a-f]{40}$/)
      assert.strictEqual(path, `/#invite=${secret}`)
      const shown = yield* muster.nobody.post("/api/invite-link", { secret })
      assert.deepStrictEqual([shown.status, shown.json], [200, {
        workspace_name: "home",
        inviter_name: "ana",
        invitee_email: null,
        role: "admin",
        expires_at: "1970-01-08T00:00:00Z"
      }])
      const joined = yield* muster.nobody.post("/api/invite-link/accept", { secret, ...newcomer, token_name: "laptop" })
      const { token, user, ...rest } = joined.json
      assert.strictEqual(joined.status, 201)
      assert.deepStrictEqual(user, { id: user.id, name: "Ned", email: "ned@example.com" })
      assert.deepStrictEqual(rest, {
        workspace_id: home,
        workspace_name: "home",
        workspace_slug: "home",
        role: "admin",
        expires_at: null
      })
      const ned = muster.as(token, home)
      assert.strictEqual((yield* ned.get("/api/runtimes")).status, 200)
      assert.deepStrictEqual((yield* ned.get("/api/tokens")).json.map(({ name }: { name: string }) => name), ["laptop"])
      assert.deepStrictEqual(joined.headers.getSetCookie(), [])
      const stored = JSON.stringify([...muster.accessState.invitationByHash.keys()])
      assert.isFalse(stored.includes(secret.slice(4)))
    }))

  it.effect("A-01 a newcomer in the console gets a session instead of a token", () =>
    Effect.gen(function*() {
      const { ana, home, muster } = yield* startHome()
      const { secret } = yield* muster.invitation(home, ana)
      const body = { secret, ...newcomer, credential: "session" }
      const joined = yield* muster.nobody.post("/api/invite-link/accept", body)
      assert.deepStrictEqual([joined.status, joined.json.token, joined.json.expires_at], [
        201,
        null,
        "1970-01-31T00:00:00Z"
      ])
      const cookies = joined.headers.getSetCookie().map((line) => line.split(";")[0]!)
      const headers = { cookie: cookies.join("; "), "x-workspace-id": home }
      assert.strictEqual((yield* request(muster.url, "GET", "/api/members", { headers })).status, 200)
      assert.deepStrictEqual(
        (yield* request(muster.url, "GET", "/api/tokens", { headers })).json.map(({ name }: { name: string }) => name),
        ["console session"]
      )
    }))

  it.effect("A-01 a person who is signed in, by token or session, joins as who they are", () =>
    Effect.gen(function*() {
      const { ana, home, muster } = yield* startHome()
      const [eve, fay] = [yield* muster.person("eve"), yield* muster.person("fay")]
      const first = yield* muster.as(eve.token).post("/api/invite-link/accept", {
        secret: (yield* muster.invitation(home, ana)).secret
      })
      assert.deepStrictEqual([first.status, first.json.user.id, first.json.token], [201, eve.id, null])
      const cookie = { cookie: `muster_session=${fay.token}` }
      const body = { secret: (yield* muster.invitation(home, ana)).secret }
      const accept = (headers: Readonly<Record<string, string>>) =>
        request(muster.url, "POST", "/api/invite-link/accept", { headers, body })
      assert.deepStrictEqual(said(yield* accept(cookie)), [403, "CSRF validation failed"])
      const second = yield* accept({ ...cookie, "x-csrf-token": yield* csrfToken(fay.token) })
      assert.deepStrictEqual([second.status, second.json.user.id], [201, fay.id])
      const reader = yield* muster.tokenOf(eve.id, null, null, ["read"])
      assert.strictEqual((yield* muster.as(reader.secret).post("/api/invite-link/accept", body)).status, 403)
    }))

  it.effect("A-01 a used, expired, revoked, declined or unknown link gets one sentence with what to do", () =>
    Effect.gen(function*() {
      const { ana, home, me, muster } = yield* startHome()
      const bob = yield* muster.person("bob")
      const [used, revoked, late, declined] = [
        yield* muster.invitation(home, ana),
        yield* muster.invitation(home, ana),
        yield* muster.invitation(home, ana, { expiresAt: 60_000 }),
        yield* muster.invitation(home, ana, { email: "bob@example.com" })
      ]
      yield* muster.nobody.post("/api/invite-link/accept", { secret: used.secret, ...newcomer })
      assert.strictEqual((yield* me.delete(`/api/workspaces/${home}/invitations/${revoked.id}`)).status, 204)
      assert.strictEqual((yield* muster.as(bob.token).post(`/api/invitations/${declined.id}/decline`)).status, 204)
      yield* TestClock.adjust("1 minute")
      const unknown = `miv_${"0".repeat(40)}`
      const cases = [
        [used.secret, gone("was used already")],
        [revoked.secret, gone("was revoked")],
        [declined.secret, gone("was declined")],
        [late.secret, gone("has expired")],
        [late.secret.slice(0, -1), invalid],
        [unknown, invalid],
        ["", invalid]
      ] as const
      for (const [secret, sentence] of cases) {
        assert.deepStrictEqual(said(yield* muster.nobody.post("/api/invite-link", { secret })), sentence)
        const body = { secret, name: "Max", email: "max@example.com" }
        assert.deepStrictEqual(said(yield* muster.nobody.post("/api/invite-link/accept", body)), sentence)
      }
      assert.isFalse([...muster.accessState.users.values()].some(({ email }) => email === "max@example.com"))
    }))

  it.effect("A-01 the address of an account makes no newcomer, and a link for one address is for no other", () =>
    Effect.gen(function*() {
      const { ana, home, muster } = yield* startHome()
      const { secret } = yield* muster.invitation(home, ana)
      const accept = (body: object, token?: string) =>
        Effect.map(
          (token === undefined ? muster.nobody : muster.as(token)).post("/api/invite-link/accept", body),
          said
        )
      const taken = "an account with this e-mail address exists: sign in to it, then open the link again"
      assert.deepStrictEqual(yield* accept({ secret, name: "Ana", email: "ana@example.com" }), [409, taken])
      assert.deepStrictEqual(yield* accept({ secret }), [400, "name and email are required"])
      assert.deepStrictEqual(yield* accept({ secret, name: "N", email: "none" }), [400, "invalid email"])
      assert.deepStrictEqual(yield* accept({ secret }, ana.token), [409, "you are already a member of this workspace"])
      const bound = yield* muster.invitation(home, ana, { email: "ned@example.com" })
      const eve = yield* muster.person("eve")
      const another = "this invitation is for another e-mail address: sign in as that person, or use that address"
      assert.deepStrictEqual(yield* accept({ secret: bound.secret }, eve.token), [403, another])
      const wrong = { secret: bound.secret, name: "Max", email: "max@example.com" }
      assert.deepStrictEqual(yield* accept(wrong), [403, another])
      assert.deepStrictEqual(yield* accept({ secret: bound.secret, ...newcomer }), [201, undefined])
    }))

  it.effect("A-01 of two who accept at once one joins; a page of another site cannot accept", () =>
    Effect.gen(function*() {
      const { ana, home, muster } = yield* startHome()
      const { secret } = yield* muster.invitation(home, ana)
      const foreign = { "sec-fetch-site": "cross-site" }
      const body = (n: number) => ({ secret, name: `N${n}`, email: `n${n}@example.com` })
      assert.deepStrictEqual(
        said(yield* muster.nobody.post("/api/invite-link/accept", body(0), foreign)),
        [403, "CSRF validation failed"]
      )
      const answers = yield* Effect.all(
        [1, 2].map((n) => muster.nobody.post("/api/invite-link/accept", body(n))),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(answers.map(({ status }) => status).toSorted(), [201, 410])
      assert.strictEqual((yield* Effect.orDie(muster.access.membersOf(home))).length, 2)
    }))

  it.effect("A-07 invitations, acceptances and refusals are in the audit log, without the secret", () =>
    Effect.gen(function*() {
      const { home, me, muster } = yield* startHome()
      const { secret } = (yield* me.post(`/api/workspaces/${home}/invitations`, {})).json
      yield* muster.nobody.post("/api/invite-link/accept", { secret, ...newcomer })
      const { text, json } = yield* me.get("/api/audit?action=invitation")
      assert.deepStrictEqual(
        json.events.map(({ action, actor }: any) => [action, actor.name]),
        [["invitation.accept", "Ned"], ["invitation.create", "ana"]]
      )
      assert.isFalse(text.includes(secret))
      const store = yield* Effect.orDie(muster.membership.invitation({ id: json.events[0].target.id }))
      assert.isTrue(Option.isSome(store))
    }))
})
