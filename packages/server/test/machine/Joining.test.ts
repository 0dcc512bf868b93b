import { assert, describe, it } from "@effect/vitest"
import { Join, Wake } from "@muster/domain"
import { Effect, Queue } from "effect"
import { TestClock } from "effect/testing"
import { versionOf } from "../../src/runtime/reposOf.ts"
import { request } from "../support/Http.ts"
import { startMachines } from "./Scene.ts"

describe("machines join", () => {
  it.effect("A-03 a member's token lets one machine join within 1 h, and pages are notified of its arrival", () =>
    Effect.gen(function*() {
      const { ana, audited, home, join, me, muster } = yield* startMachines()
      const added = yield* me.post("/api/machines/join-tokens", {
        name: "Laptop",
        labels: [" gpu ", "os=linux", "gpu"]
      })
      assert.strictEqual(added.status, 201)
      assert.match(added.json.token, /^mjt_[0-9a-f]{40}$/)
      assert.strictEqual(added.json.expires_at, "1970-01-01T01:00:00Z")
      const { id } = added.json.machine
      assert.strictEqual((yield* me.get(`/api/machines/${id}`)).json.state, "waiting")
      yield* Effect.scoped(Effect.gen(function*() {
        const hints = yield* muster.wake.subscribe([Wake.topic.workspace(home)])
        const answer = yield* join(added.json.token)
        assert.strictEqual(answer.status, 200)
        assert.match(answer.json.credential, /^mdt_[0-9a-f]{40}$/)
        assert.deepStrictEqual({ ...answer.json, credential: "" }, {
          credential: "",
          expires_at: "1970-01-31T00:00:00Z",
          machine: {
            id,
            name: "Laptop",
            owner_name: "ana",
            labels: ["gpu", "os=linux"],
            ephemeral: false,
            drain: null
          },
          workspaces: [{ id: home, name: "home", slug: "home", settings: {}, repos_version: versionOf([]) }]
        })
        yield* Queue.take(hints)
      }))
      const { json } = yield* me.get(`/api/machines/${id}`)
      assert.deepStrictEqual(
        [json.state, json.daemon_id, json.device_info, json.owner_id, json.joined_at, json.may_manage, json.runtimes],
        ["joined", "box-1", "Linux", ana.id, "1970-01-01T00:00:00Z", true, []]
      )
      assert.deepStrictEqual((yield* audited("machine.join")).map(({ actor }) => actor), [
        { kind: "machine", id, name: "Laptop" }
      ])
      assert.strictEqual((yield* audited("machine.add"))[0]!.target.id, id)
    }))

  it.effect("A-03 a token that was used, has expired, was revoked or is wrong: one sentence each", () =>
    Effect.gen(function*() {
      const { audited, join, me, muster } = yield* startMachines()
      const add = Effect.map(me.post("/api/machines/join-tokens", {}), ({ json }) => json)
      const [used, late, revoked] = [yield* add, yield* add, yield* add]
      yield* join(used.token)
      yield* me.delete(`/api/machines/${revoked.machine.id}`)
      const bob = yield* muster.person("bob")
      const [key] = [yield* muster.joinKey((yield* muster.workspace("lab", bob)).id, bob, { maxUses: 1 })]
      yield* join(key.secret)
      const said = (token: string) =>
        Effect.map(join(token), ({ json, status }) => [status, json.code, json.error as string] as const)
      const another = "make another one with `muster machines add`"
      assert.deepStrictEqual(yield* said(used.token), [
        401,
        "join_used",
        `this join token was used, and each one adds one machine: ${another}`
      ])
      assert.deepStrictEqual(yield* said(revoked.token), [
        401,
        "join_revoked",
        `this join token was revoked: ${another}`
      ])
      assert.deepStrictEqual(yield* said("mul_0"), [
        401,
        "join_unknown",
        "this join token is not known to this server: check that it is complete and that the server's URL is right"
      ])
      assert.deepStrictEqual(yield* said(key.secret), [
        401,
        "join_used",
        "this join key was used as often as it may be: ask an owner or admin of the workspace for another one"
      ])
      yield* TestClock.adjust(Join.joinTokenLifetime)
      assert.deepStrictEqual(yield* said(late.token), [401, "join_expired", `this join token has expired: ${another}`])
      assert.deepStrictEqual(
        (yield* audited("machine.refuse")).map(({ details }) => details.reason),
        ["expired", "used", "unknown", "revoked", "used"].map((reason) => `join token ${reason}`)
      )
      for (
        const body of [{}, { token: "a" }, { token: "a".repeat(300), daemon_id: "b" }, {
          token: "a",
          daemon_id: "b".repeat(300)
        }]
      ) {
        assert.strictEqual((yield* request(muster.url, "POST", "/api/join", { body })).status, 400)
      }
    }))

  it.effect("A-03 a machine that did not join is no longer listed once its token has expired", () =>
    Effect.gen(function*() {
      const { me } = yield* startMachines()
      yield* me.post("/api/machines/join-tokens", {})
      assert.lengthOf((yield* me.get("/api/machines")).json.machines, 1)
      yield* TestClock.adjust(Join.joinTokenLifetime + 60_000)
      assert.lengthOf((yield* me.get("/api/machines")).json.machines, 0)
    }))

  it.effect("A-03 the list has the machines, their runtimes' counts, and the daemons that have not joined", () =>
    Effect.gen(function*() {
      const { ana, joined, me, registration } = yield* startMachines()
      const { daemon, id } = yield* joined()
      assert.strictEqual((yield* daemon.post("/api/daemon/register", registration("box-1"))).status, 200)
      const { json } = yield* me.get("/api/machines")
      assert.deepStrictEqual(
        json.machines.map(({ id, runtime_counts }: any) => [id, runtime_counts]),
        [[id, { online: 1, total: 1 }]]
      )
      assert.deepStrictEqual(json.unjoined, [{
        daemon_id: "daemon-1",
        owner_id: ana.id,
        owner_name: "ana",
        device_info: "box",
        runtime_counts: { online: 1, total: 1 }
      }])
      const detail = (yield* me.get(`/api/machines/${id}`)).json
      assert.deepStrictEqual(detail.runtimes.map(({ provider }: any) => provider), ["claude"])
    }))

  it.effect("A-03 a member sees the machines of others, not the other workspaces that these serve", () =>
    Effect.gen(function*() {
      const { ana, home, join, joined, me, muster } = yield* startMachines()
      const { id } = yield* joined()
      const lab = (yield* muster.workspace("lab", ana)).id
      const added = yield* muster.as(ana.token, lab).post("/api/machines/join-tokens", {})
      const both = (yield* join(added.json.token)).json.machine.id
      const bob = yield* muster.person("bob")
      yield* muster.member(bob, home, "member")
      const seen = (yield* muster.as(bob.token, home).get(`/api/machines/${both}`)).json
      assert.deepStrictEqual([seen.workspaces, seen.may_manage, seen.owner_name], [[home], false, "ana"])
      assert.sameMembers((yield* me.get(`/api/machines/${both}`)).json.workspaces, [home, lab])
      assert.strictEqual((yield* me.get(`/api/machines/${id}`)).status, 404)
    }))

  it.effect("A-03 names and labels have bounds", () =>
    Effect.gen(function*() {
      const { me } = yield* startMachines()
      const add = (body: object) =>
        Effect.map(me.post("/api/machines/join-tokens", body), ({ json, status }) => [status, json.error])
      const labels = (n: number) => Array.from({ length: n }, (_, i) => `l${i}`)
      const label = "a label is at most 64 letters, digits and . _ : / = -, and begins with a letter or digit"
      assert.deepStrictEqual(yield* add({ labels: labels(17) }), [400, "labels must be a list of at most 16 labels"])
      for (const one of ["a b", "", "-a", "ä", "a".repeat(65)]) {
        assert.deepStrictEqual(yield* add({ labels: [one] }), [400, label], one)
      }
      assert.deepStrictEqual(yield* add({ name: "a".repeat(257) }), [400, "name must be at most 256 characters"])
      assert.strictEqual((yield* add({ labels: labels(16), name: "a".repeat(256) }))[0], 201)
    }))

  it.effect("A-06 an admin's key lets several machines join, with labels; a member can neither make nor see one", () =>
    Effect.gen(function*() {
      const { audited, home, join, me, muster } = yield* startMachines()
      const made = yield* me.post("/api/machines/join-keys", {
        name: "ci",
        labels: ["ci"],
        ephemeral: true,
        max_uses: 2,
        expires_in_days: 90
      })
      assert.strictEqual(made.status, 201)
      assert.match(made.json.key, /^mjk_[0-9a-f]{40}$/)
      assert.strictEqual(made.json.expires_at, "1970-04-01T00:00:00Z")
      const first = yield* join(made.json.key, { daemon_id: "ci-1" })
      yield* join(made.json.key, { daemon_id: "ci-2" })
      assert.deepStrictEqual([first.json.machine.labels, first.json.machine.ephemeral], [["ci"], true])
      assert.strictEqual((yield* join(made.json.key, { daemon_id: "ci-3" })).json.code, "join_used")
      const [{ key: _, ...listed }] = (yield* me.get("/api/machines/join-keys")).json
      assert.deepStrictEqual([listed.id, listed.uses, listed.state, listed.owner_name], [
        made.json.id,
        2,
        "used",
        "ana"
      ])
      assert.strictEqual((yield* me.delete(`/api/machines/join-keys/${listed.id}`)).json.state, "revoked")
      assert.strictEqual((yield* join(made.json.key)).json.code, "join_used")
      const machines = (yield* me.get("/api/machines")).json.machines
      assert.deepStrictEqual(machines.map(({ join_key_id }: any) => join_key_id), [listed.id, listed.id])
      for (const body of [{ max_uses: 0 }, { expires_in_days: 91 }, { expires_in_days: 0 }]) {
        assert.strictEqual((yield* me.post("/api/machines/join-keys", body)).status, 400)
      }
      const bob = yield* muster.person("bob")
      yield* muster.member(bob, home, "member")
      assert.strictEqual((yield* muster.as(bob.token, home).get("/api/machines/join-keys")).status, 403)
      for (const action of ["join_key.create", "join_key.revoke"]) assert.lengthOf(yield* audited(action), 1)
    }))
})
