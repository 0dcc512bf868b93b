import { assert, describe, it } from "@effect/vitest"
import { AuditLog } from "@muster/domain"
import { ConfigProvider, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { AuditBuffer } from "../../src/audit/Audit.ts"
import { AuditDays, layerAuditDays } from "../../src/audit/AuditDays.ts"
import { type Answer, request } from "../support/Http.ts"
import { startHome } from "../support/Scene.ts"
import { type AnyCall, Outage } from "../support/Stores.ts"

interface Row {
  readonly action: string
  readonly actor: { readonly kind: string; readonly id: string | null; readonly name: string | null }
  readonly details: Readonly<Record<string, unknown>>
  readonly [key: string]: unknown
}

const eventsOf = (answer: { readonly json: { readonly events: ReadonlyArray<Row> } }) => answer.json.events
const actionsOf = (answer: Parameters<typeof eventsOf>[0]) => eventsOf(answer).map(({ action }) => action)

/** The values of a metric's lines, by their labels. */
const bound = (text: string) => /muster_bounds_reached_total\{bound="audit_events"\} (\d+)/.exec(text)?.[1]

describe("the audit log", () => {
  it.effect("A-07 an event has actor, action, target, time, address and credential", () =>
    Effect.gen(function*() {
      const { ana, codex, home, me } = yield* startHome()
      yield* TestClock.adjust("1 minute")
      yield* me.patch(`/api/runtimes/${codex.id}`, { name: "Mine" }, {
        "x-client-platform": "cli",
        "x-client-version": "1.2.3"
      })
      const [event] = eventsOf(yield* me.get("/api/audit?action=runtime"))
      const { credential, id, ...rest } = event!
      assert.match(String(id), /^[0-9a-f-]{36}$/)
      assert.strictEqual((credential as { kind: string }).kind, "token")
      assert.deepStrictEqual(rest, {
        at: "1970-01-01T00:01:00.000Z",
        workspace_id: home,
        actor: { kind: "person", id: ana.id, name: "ana" },
        action: "runtime.rename",
        target: { kind: "runtime", id: codex.id, name: codex.name },
        address: "127.0.0.1",
        client: "cli 1.2.3",
        details: { from: codex.name, to: "Mine" }
      })
    }))

  it.effect("A-07 every change of tokens, runtimes, skills, workspaces and updates is in the log, and no secret", () =>
    Effect.gen(function*() {
      const { codex, daemon, home, me, muster } = yield* startHome()
      const made = (yield* me.post("/api/tokens", { name: "new", expires_in_days: 3 })).json
      yield* me.delete(`/api/tokens/${made.id}`)
      yield* me.post("/api/workspaces", { name: "Other", slug: "other" })
      yield* me.patch(`/api/runtimes/${codex.id}`, { visibility: "public", timezone: "Europe/Berlin" })
      yield* me.post(`/api/runtimes/${codex.id}/update`, { target_version: "1.2.3" })
      yield* me.post(`/api/runtimes/${codex.id}/take-over`)
      yield* me.delete(`/api/runtimes/${codex.id}`)
      yield* daemon.post("/api/daemon/register", {
        workspace_id: home,
        daemon_id: "daemon-1",
        device_name: "box",
        runtimes: [{ type: "codex" }, { type: "claude" }]
      })
      const link = (yield* me.post("/api/session/links")).json
      const answer = yield* me.get("/api/audit")
      assert.deepStrictEqual(actionsOf(answer), [
        "sign_in.link",
        "runtime.register",
        "runtime.delete",
        "runtime.take_over",
        "runtime.update",
        "runtime.edit",
        "runtime.visibility",
        "token.revoke",
        "token.create"
      ])
      for (const secret of [made.token, link.code]) assert.notInclude(answer.text, secret)
      const [update] = eventsOf(yield* me.get("/api/audit?action=runtime.update"))
      assert.deepStrictEqual(update!.details, { target_version: "1.2.3" })
      const [registered] = eventsOf(yield* me.get("/api/audit?action=runtime.register"))
      assert.deepStrictEqual(registered!.details, { runtimes: "codex, claude" })
      const other = (yield* muster.access.workspaceBySlug("other")).pipe((found) =>
        found._tag === "Some" ? found.value.id : ""
      )
      const there = yield* me.get("/api/audit?action=workspace", undefined, { "x-workspace-id": other })
      assert.deepStrictEqual(actionsOf(there), ["workspace.create"])
    }).pipe(Effect.orDie))

  it.effect("A-07 accepted and refused sign-ins are in the log; a refused one has no person and only the prefix", () =>
    Effect.gen(function*() {
      const { ana, me, muster } = yield* startHome()
      const signIn = (body: object) => request(muster.url, "POST", "/api/session", { body })
      const wrong = `mul_${"0".repeat(40)}`
      yield* signIn({ token: wrong })
      yield* signIn({ token: "hunter2 is my password" })
      yield* signIn({ code: `mln_${"1".repeat(40)}` })
      yield* signIn({ token: ana.token })
      const answer = yield* me.get("/api/audit?action=sign_in")
      assert.deepStrictEqual(
        eventsOf(answer).map(({ action, actor, credential, details }) => [action, actor.name, credential, details]),
        [
          ["sign_in.accept", "ana", { kind: "token", id: null, prefix: ana.token.slice(0, 12) }, {}],
          ["sign_in.refuse", null, { kind: "link", id: null, prefix: "mln_11111111" }, { reason: "link_used" }],
          ["sign_in.refuse", null, { kind: "token", id: null, prefix: null }, { reason: "invalid_token" }],
          ["sign_in.refuse", null, { kind: "token", id: null, prefix: "mul_00000000" }, { reason: "invalid_token" }]
        ]
      )
      assert.notInclude(answer.text, "hunter2")
      assert.notInclude(answer.text, ana.token)
    }))

  it.effect("A-07 what a person does outside a workspace is in the log of each of their workspaces, and in no other", () =>
    Effect.gen(function*() {
      const { ana, me, muster } = yield* startHome()
      const second = (yield* muster.workspace("second", ana)).id
      const eve = yield* muster.person("eve")
      const elsewhere = (yield* muster.workspace("elsewhere", eve)).id
      yield* me.post("/api/tokens", { name: "new" })
      const seen = (token: string, workspace: string) =>
        Effect.map(muster.as(token, workspace).get("/api/audit?action=token"), eventsOf)
      const [first, copy] = [yield* seen(ana.token, second), yield* seen(eve.token, elsewhere)]
      assert.deepStrictEqual([first.length, copy.length], [1, 0])
      assert.strictEqual(eventsOf(yield* me.get("/api/audit?action=token")).length, 1)
    }))

  it.effect("A-07 owners and admins can read it; members cannot", () =>
    Effect.gen(function*() {
      const { home, muster } = yield* startHome()
      const [bob, carl] = [yield* muster.person("bob"), yield* muster.person("carl")]
      yield* muster.member(bob, home, "member")
      yield* muster.member(carl, home, "admin")
      const answer = yield* muster.as(bob.token, home).get("/api/audit")
      assert.deepStrictEqual([answer.status, answer.json.error], [
        403,
        "only owners and admins of the workspace can read its audit log"
      ])
      assert.strictEqual((yield* muster.as(carl.token, home).get("/api/audit")).status, 200)
    }))

  it.effect("A-07 the log is read page by page, and exported completely as JSON lines", () =>
    Effect.gen(function*() {
      const { me } = yield* startHome()
      for (let n = 0; n < 7; n++) yield* me.post("/api/tokens", { name: `token ${n}` })
      const names: Array<string> = []
      for (let next: string | null = ""; next !== null;) {
        const { json }: Answer = yield* me.get(`/api/audit?limit=3${next === "" ? "" : `&cursor=${next}`}`)
        names.push(...json.events.map(({ target }: { target: { name: string } }) => target.name))
        assert.isAtMost(json.events.length, 3)
        next = json.next
      }
      assert.deepStrictEqual(names, [6, 5, 4, 3, 2, 1, 0].map((n) => `token ${n}`))
      const whole = yield* me.get("/api/audit", undefined, { accept: "application/x-ndjson" })
      assert.strictEqual(whole.headers.get("content-type"), "application/x-ndjson")
      const lines = whole.text.trimEnd().split("\n").map((line) => JSON.parse(line).target.name)
      assert.deepStrictEqual(lines, names)
      const cut = (yield* me.get("/api/audit?format=jsonl&limit=5")).text.trimEnd().split("\n")
      assert.strictEqual(cut.length, 6)
      const rest = yield* me.get(`/api/audit?format=jsonl&limit=2&cursor=${JSON.parse(cut[5]!).next}`)
      assert.deepStrictEqual(rest.text, whole.text.split("\n").slice(5).join("\n"))
    }))

  it.effect("A-07 an export of more than one step has each event once, and marks where it was cut", () =>
    Effect.gen(function*() {
      const { home, me, muster } = yield* startHome()
      const event = (n: number) => ({
        id: `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`,
        at: n,
        workspaceId: home,
        actor: { kind: "server", id: null, name: null },
        credential: null,
        action: "settings.edit",
        target: { kind: "n", id: String(n), name: null },
        address: null,
        client: null,
        details: {}
      } as AuditLog.AuditEvent)
      const all = Array.from({ length: 2 * AuditLog.maxAuditBatch + 1 }, (_, n) => n)
      for (const start of [0, 500, 1_000]) {
        yield* Effect.orDie(muster.audit.append(all.slice(start, start + 500).map(event)))
      }
      const idsIn = (text: string) =>
        text.trimEnd().split("\n").map((line) => JSON.parse(line)).map(({ next, target }) =>
          next === undefined ? Number(target.id) : "next"
        )
      assert.deepStrictEqual(idsIn((yield* me.get("/api/audit?format=jsonl")).text), all.toReversed())
      for (const limit of [500, 1_000]) {
        const { text } = yield* me.get(`/api/audit?format=jsonl&limit=${limit}`)
        assert.deepStrictEqual(idsIn(text), [...all.toReversed().slice(0, limit), "next"])
      }
      assert.deepStrictEqual(idsIn((yield* me.get("/api/audit?format=jsonl&limit=1001")).text), all.toReversed())
    }))

  it.effect.each([
    ["limit=0", "limit must be 1 to 200"],
    ["limit=201", "limit must be 1 to 200"],
    ["limit=100001&format=jsonl", "limit must be 1 to 100000"],
    ["from=yesterday", "from must be a time such as 2026-01-31T12:00:00Z"],
    ["to=x", "to must be a time such as 2026-01-31T12:00:00Z"],
    ["cursor=x", "cursor must be the `next` of a previous page"],
    ["format=xml", "format must be json or jsonl"]
  ])("A-07 `?%s` is refused: %s", ([query, error]) =>
    Effect.gen(function*() {
      const { me } = yield* startHome()
      const answer = yield* me.get(`/api/audit?${query}`)
      assert.deepStrictEqual([answer.status, answer.json.error], [400, error])
    }))

  it.effect("A-07 the log is filtered by actor, target and time", () =>
    Effect.gen(function*() {
      const { ana, home, me, muster } = yield* startHome()
      const bob = yield* muster.person("bob")
      yield* muster.member(bob, home, "member")
      yield* me.post("/api/tokens", { name: "first" })
      yield* TestClock.adjust("1 hour")
      yield* muster.as(bob.token).post("/api/tokens", { name: "second" })
      const found = (query: string) =>
        Effect.map(me.get(`/api/audit?${query}`), (answer) =>
          eventsOf(answer).map(({ target }) => (target as { name: string }).name))
      assert.deepStrictEqual(yield* found(`actor=${ana.id}`), ["first"])
      assert.deepStrictEqual(yield* found("actor=Bob"), ["second"])
      assert.deepStrictEqual(yield* found("target=first"), ["first"])
      assert.deepStrictEqual(yield* found("from=1970-01-01T00:30:00Z"), ["second"])
      assert.deepStrictEqual(yield* found("to=1970-01-01T00:30:00Z"), ["first"])
    }))

  it.effect("A-07 a store fault blocks no action and loses no event, and is one line and a metric", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { me, muster } = yield* startHome({
        wraps: { audit: (real) => ({ append: outage.guard("AuditLog.append", real.append) }) }
      })
      outage.down = true
      for (let n = 0; n < 3; n++) {
        assert.strictEqual((yield* me.post("/api/tokens", { name: `token ${n}` })).status, 201)
        yield* TestClock.adjust("10 seconds")
      }
      const about = () => muster.lines.filter(({ message }) => message.includes("audit")).map(({ message }) => message)
      assert.strictEqual(about().length, 1)
      assert.include(about()[0], "store unavailable: audit")
      const faults = /muster_store_faults_total\{store="audit"\} (\d+)/.exec((yield* me.get("/metrics")).text)?.[1]
      assert.isAbove(Number(faults), 2)
      outage.down = false
      yield* TestClock.adjust("1 second")
      assert.strictEqual(eventsOf(yield* me.get("/api/audit?action=token")).length, 3)
      assert.strictEqual(about().length, 2)
    }))

  it.effect("A-07 events beyond the bound are dropped, counted, and logged once; refusals use half of it", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { me, muster } = yield* Effect.provideService(
        startHome({ wraps: { audit: (real) => ({ append: outage.guard("AuditLog.append", real.append) }) } }),
        AuditBuffer,
        10
      )
      outage.down = true
      const signIn = request(muster.url, "POST", "/api/session", { body: { token: "x" } })
      yield* Effect.replicateEffect(signIn, 8, { discard: true })
      assert.strictEqual((yield* me.post("/api/tokens", { name: "kept" })).status, 201)
      assert.strictEqual(bound((yield* me.get("/metrics")).text), "3")
      assert.strictEqual(muster.lines.filter(({ message }) => message.includes("dropping events")).length, 1)
      outage.down = false
      yield* TestClock.adjust("1 second")
      assert.strictEqual(eventsOf(yield* me.get("/api/audit?action=token")).length, 1)
    }))

  it.effect("A-07 pending events are written when the server stops", () =>
    Effect.gen(function*() {
      const { home, me, muster } = yield* startHome()
      yield* me.post("/api/tokens", { name: "last" })
      yield* muster.stop
      const events = yield* Effect.orDie(muster.audit.page({ workspace: home }, undefined, 10))
      assert.deepStrictEqual(events.map(({ target }) => target?.name), ["last"])
    }))

  it.effect("A-07 events are kept for 90 days: older ones are removed each hour", () =>
    Effect.gen(function*() {
      const before: Array<number> = []
      const { me } = yield* startHome({
        wraps: {
          audit: (real) => ({
            prune: (time) => {
              before.push(time)
              return real.prune(time)
            }
          })
        }
      })
      yield* me.post("/api/tokens", { name: "new" })
      yield* TestClock.adjust("1 hour")
      const [hour, day] = [3_600_000, 86_400_000]
      assert.deepStrictEqual(before, [hour - 90 * day])
      assert.strictEqual(eventsOf(yield* me.get("/api/audit")).length, 1)
    }))

  it.effect("A-07 `MUSTER_AUDIT_DAYS` sets the days; other values than 1 to 3650 do not start a server", () =>
    Effect.gen(function*() {
      const daysOf = (value: string | undefined) =>
        Effect.gen(function*() {
          return yield* AuditDays
        }).pipe(
          Effect.provide(Layer.provide(
            layerAuditDays,
            ConfigProvider.layer(ConfigProvider.fromUnknown(value === undefined ? {} : { MUSTER_AUDIT_DAYS: value }))
          ))
        )
      assert.deepStrictEqual([yield* daysOf(undefined), yield* daysOf("30")], [90, 30])
      for (const value of ["0", "3651", "1.5", "long"]) {
        const failure = yield* Effect.flip(daysOf(value))
        assert.strictEqual(failure.message, "MUSTER_AUDIT_DAYS must be a whole number of days from 1 to 3650")
      }
    }))

  it.effect("A-07 with a dead store the log is 500 in one sentence", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { me } = yield* startHome({
        wraps: { audit: (real) => ({ page: outage.guard("AuditLog.page", real.page as AnyCall) }) }
      })
      outage.down = true
      const answer = yield* me.get("/api/audit")
      assert.deepStrictEqual([answer.status, answer.json], [500, {
        error: "failed to read the audit log",
        code: "unavailable"
      }])
    }))
})
