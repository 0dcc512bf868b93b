import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { type Answer } from "../support/Http.ts"
import { startHome } from "../support/Scene.ts"
import type { Person } from "../support/World.ts"

const said = ({ json, status }: Answer) => [status, json?.error]

/** Ana's workspace with Bob, a member, and Carl, an admin. */
const startPeople = Effect.gen(function*() {
  const scene = yield* startHome()
  const { home, muster } = scene
  const [bob, carl] = [yield* muster.person("bob"), yield* muster.person("carl")]
  yield* muster.member(bob, home, "member")
  yield* muster.member(carl, home, "admin")
  return { ...scene, at: `/api/workspaces/${home}`, bob, carl, as: (one: Person) => muster.as(one.token) }
})

describe("members", () => {
  it.effect("3.9 the members of a workspace, in the reference's words", () =>
    Effect.gen(function*() {
      const { ana, at, bob, carl, home, as } = yield* startPeople
      const answer = yield* as(bob).get(`${at}/members`)
      assert.deepStrictEqual(
        answer.json.map(({ role, user_id }: any) => [user_id, role]).toSorted(),
        [[ana.id, "owner"], [bob.id, "member"], [carl.id, "admin"]].toSorted()
      )
      assert.deepStrictEqual(answer.json.find((one: any) => one.id === ana.id), {
        id: ana.id,
        workspace_id: home,
        user_id: ana.id,
        role: "owner",
        created_at: "1970-01-01T00:00:00Z",
        name: "ana",
        email: "ana@example.com",
        avatar_url: null
      })
    }))

  it.effect("3.9 A-02 roles change at once for the person's calls; what is refused says why", () =>
    Effect.gen(function*() {
      const { ana, as, at, bob, carl } = yield* startPeople
      const role = (by: Person, of: string, body: object) => Effect.map(as(by).patch(`${at}/members/${of}`, body), said)
      assert.deepStrictEqual(yield* role(bob, carl.id, { role: "member" }), [403, "insufficient permissions"])
      assert.deepStrictEqual(yield* role(carl, bob.id, {}), [400, "role is required"])
      assert.deepStrictEqual(yield* role(carl, bob.id, { role: "king" }), [400, "invalid member role"])
      assert.deepStrictEqual(yield* role(carl, "x", { role: "admin" }), [400, "invalid member id"])
      assert.deepStrictEqual(yield* role(carl, bob.id, { role: "owner" }), [403, "insufficient permissions"])
      assert.deepStrictEqual(yield* role(carl, ana.id, { role: "admin" }), [403, "insufficient permissions"])
      const nobody = "00000000-0000-4000-8000-000000000000"
      assert.deepStrictEqual(yield* role(carl, nobody, { role: "admin" }), [404, "member not found"])
      const owner = [400, "workspace must have at least one owner"]
      assert.deepStrictEqual(yield* role(ana, ana.id, { role: "member" }), owner)
      const promoted = yield* as(carl).patch(`${at}/members/${bob.id}`, { role: "admin" })
      assert.deepStrictEqual([promoted.status, promoted.json.role], [200, "admin"])
      assert.deepStrictEqual(yield* role(bob, carl.id, { role: "member" }), [200, undefined])
      assert.deepStrictEqual(yield* role(carl, bob.id, { role: "member" }), [403, "insufficient permissions"])
    }))

  it.effect("3.9 A-02 members leave or are removed; the last owner does not", () =>
    Effect.gen(function*() {
      const { ana, as, at, bob, carl, home } = yield* startPeople
      assert.deepStrictEqual(
        said(yield* as(ana).post(`${at}/leave`)),
        [400, "workspace must have at least one owner"]
      )
      assert.deepStrictEqual(said(yield* as(bob).delete(`${at}/members/${carl.id}`)), [403, "insufficient permissions"])
      assert.deepStrictEqual(said(yield* as(carl).delete(`${at}/members/${ana.id}`)), [403, "insufficient permissions"])
      assert.strictEqual((yield* as(carl).delete(`${at}/members/${bob.id}`)).status, 204)
      assert.deepStrictEqual(said(yield* as(carl).delete(`${at}/members/${bob.id}`)), [404, "member not found"])
      assert.deepStrictEqual(said(yield* as(bob).get(`${at}/members`)), [404, "workspace not found"])
      assert.strictEqual((yield* as(carl).post(`${at}/leave`)).status, 204)
      assert.deepStrictEqual((yield* as(carl).get("/api/workspaces")).json, [])
      const { json } = yield* as(ana).get(`/api/audit?workspace_id=${home}&action=member`)
      assert.deepStrictEqual(
        json.events.map(({ action, actor, target }: any) => [action, actor.name, target.name]),
        [["member.leave", "carl", "carl"], ["member.remove", "carl", "bob"]]
      )
    }))

  it.effect("3.9 A-01 invitations by e-mail, as the reference has them", () =>
    Effect.gen(function*() {
      const { ana, as, at, bob, carl, home, muster } = yield* startPeople
      const dora = yield* muster.person("dora")
      const invite = (by: Person, body: object) => as(by).post(`${at}/members`, body)
      const refusals = [
        [bob, { email: "x@example.com" }, [403, "insufficient permissions"]],
        [carl, {}, [400, "email is required"]],
        [carl, { email: "x" }, [400, "invalid email"]],
        [carl, { email: "x@example.com", role: "king" }, [400, "invalid member role"]],
        [ana, { email: "x@example.com", role: "owner" }, [400, "cannot invite as owner"]],
        [carl, { email: "BOB@example.com" }, [409, "user is already a member"]],
        [carl, { email: "x@example.com", expires_in_days: 31 }, [400, "expires_in_days must be 1 to 30"]]
      ] as const
      for (const [by, body, error] of refusals) assert.deepStrictEqual(said(yield* invite(by, body)), [...error])
      const made = yield* invite(carl, { email: "Dora@Example.com", role: "admin" })
      const { id, path: _path, secret: _secret, ...record } = made.json
      assert.strictEqual(made.status, 201)
      const expected = {
        id,
        workspace_id: home,
        inviter_id: carl.id,
        invitee_email: "dora@example.com",
        invitee_user_id: dora.id,
        role: "admin",
        status: "pending",
        created_at: "1970-01-01T00:00:00Z",
        updated_at: "1970-01-01T00:00:00Z",
        expires_at: "1970-01-08T00:00:00Z",
        inviter_name: "carl",
        inviter_email: "carl@example.com",
        workspace_name: "home",
        workspace_slug: "home"
      }
      assert.deepStrictEqual({ id, ...record }, expected)
      const again = said(yield* invite(ana, { email: "dora@example.com" }))
      assert.deepStrictEqual(again, [409, "invitation already pending for this email"])
      assert.deepStrictEqual((yield* as(bob).get(`${at}/invitations`)).json, [expected])
      assert.deepStrictEqual((yield* as(dora).get("/api/invitations")).json, [expected])
      assert.deepStrictEqual((yield* as(dora).get(`/api/invitations/${id}`)).json, expected)
      const foreign = said(yield* as(bob).get(`/api/invitations/${id}`))
      assert.deepStrictEqual(foreign, [403, "invitation does not belong to you"])
      const accepted = yield* as(dora).post(`/api/invitations/${id}/accept`)
      assert.deepStrictEqual([accepted.status, accepted.json], [200, {
        id: dora.id,
        workspace_id: home,
        user_id: dora.id,
        role: "admin",
        created_at: "1970-01-01T00:00:00Z"
      }])
      assert.deepStrictEqual(
        said(yield* as(dora).post(`/api/invitations/${id}/accept`)),
        [409, "you are already a member of this workspace"]
      )
    }))

  it.effect("3.9 A-01 an invitation by e-mail that has ended is refused in the reference's words", () =>
    Effect.gen(function*() {
      const { ana, as, at, home, muster } = yield* startPeople
      const dora = yield* muster.person("dora")
      const email = "dora@example.com"
      const revoked = yield* muster.invitation(home, ana, { email })
      assert.strictEqual((yield* as(ana).delete(`${at}/invitations/${revoked.id}`)).status, 204)
      const late = yield* muster.invitation(home, ana, { email, expiresAt: 60_000 })
      yield* TestClock.adjust("1 minute")
      const nobody = "00000000-0000-4000-8000-000000000000"
      const accept = (id: string) => Effect.map(as(dora).post(`/api/invitations/${id}/accept`), said)
      assert.deepStrictEqual(yield* accept(revoked.id), [400, "invitation is not pending"])
      assert.deepStrictEqual(yield* accept(late.id), [410, "invitation has expired"])
      assert.deepStrictEqual(yield* accept(nobody), [404, "invitation not found"])
      assert.deepStrictEqual(yield* accept("x"), [400, "invalid invitation id"])
      const gone = said(yield* as(ana).delete(`${at}/invitations/${nobody}`))
      assert.deepStrictEqual(gone, [404, "invitation not found"])
      assert.strictEqual((yield* as(dora).get(`/api/invitations/${late.id}`)).json.status, "expired")
    }))

  it.effect("A-01 a person changes their name and e-mail", () =>
    Effect.gen(function*() {
      const { ana, as, bob } = yield* startPeople
      const edit = (body: object) => as(bob).patch("/api/me", body)
      assert.deepStrictEqual((yield* edit({ name: " Robert ", email: "Rob@Example.com" })).json, {
        id: bob.id,
        name: "Robert",
        email: "rob@example.com"
      })
      assert.deepStrictEqual((yield* edit({})).json.name, "Robert")
      assert.deepStrictEqual(said(yield* edit({ name: " " })), [400, "name is required"])
      assert.deepStrictEqual(said(yield* edit({ email: "x" })), [400, "invalid email"])
      assert.deepStrictEqual(
        said(yield* edit({ email: "ana@example.com" })),
        [409, "this e-mail address is used by another account"]
      )
      assert.strictEqual((yield* as(ana).get("/api/me")).json.email, "ana@example.com")
    }))
})
