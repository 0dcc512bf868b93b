import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { startMuster } from "../support/Muster.ts"
import { dead, Outage } from "../support/Stores.ts"

const path = "/api/daemon/register"
const emptyVersion = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

const startAna = Effect.fnUntraced(function*(outage = new Outage()) {
  const muster = yield* startMuster({
    wraps: { registry: (real) => ({ register: outage.guard("RuntimeRegistry.register", real.register) }) }
  })
  const ana = yield* muster.person("ana")
  const home = (yield* muster.workspace("home", ana)).id
  return { muster, ana, home, daemon: muster.as(ana.token) }
})

const bodyOf = (workspace_id: string, more: object = {}) => ({
  workspace_id,
  daemon_id: "daemon-1",
  legacy_daemon_ids: null,
  device_name: "box",
  cli_version: "0.3.1",
  launched_by: "",
  timezone: "Europe/Berlin",
  runtimes: [{ name: "Claude (box)", type: "claude", version: "2.1.5 (Claude Code)", status: "online" }],
  ...more
})

describe("registration", () => {
  it.effect("5.2 the reply has the runtimes in the request's order, the repositories and the settings", () =>
    Effect.gen(function*() {
      const { ana, daemon, home, muster } = yield* startAna()
      const workspace = muster.accessState.workspaces.get(home)!
      muster.accessState.workspaces.set(home, {
        ...workspace,
        settings: { co_authored_by_enabled: false },
        repos: [{ url: " https://b.example " }, { url: "https://a.example", more: 1 }, { url: "https://b.example" }, {
          url: " "
        }, 7]
      })
      const answer = yield* daemon.post(
        path,
        bodyOf(home, {
          runtimes: [
            { name: "Claude (box)", type: "claude", version: "2.1.5 (Claude Code)", status: "online" },
            { type: " codex ", status: "offline" },
            {}
          ]
        })
      )
      const { repos, repos_version, runtimes, settings, ...others } = answer.json
      assert.strictEqual(answer.status, 200)
      assert.deepStrictEqual(others, { capabilities: ["tasks-v1"] })
      assert.deepStrictEqual(settings, { co_authored_by_enabled: false })
      assert.deepStrictEqual(repos, [{ url: "https://b.example" }, { url: "https://a.example" }])
      // SHA-256 of the sorted addresses, joined by a line feed.
      assert.strictEqual(repos_version, "a5ff1c84e3f85a41acc9593c9cfb1bb6be2ca3c10901522105798ef81eed3979")
      const { id, ...claude } = runtimes[0]
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
      assert.deepStrictEqual(claude, {
        workspace_id: home,
        daemon_id: "daemon-1",
        name: "Claude (box)",
        runtime_mode: "local",
        provider: "claude",
        launch_header: "claude (stream-json)",
        status: "online",
        device_info: "box · 2.1.5 (Claude Code)",
        metadata: { version: "2.1.5 (Claude Code)", cli_version: "0.3.1", launched_by: "" },
        owner_id: ana.id,
        visibility: "",
        timezone: "Europe/Berlin",
        last_seen_at: "1970-01-01T00:00:00Z",
        created_at: "1970-01-01T00:00:00Z",
        updated_at: "1970-01-01T00:00:00Z"
      })
      const short = runtimes.slice(1).map((row: any) => [row.name, row.provider, row.status, row.device_info])
      assert.deepStrictEqual(short, [["codex (box)", "codex", "offline", "box"], [
        "unknown (box)",
        "unknown",
        "online",
        "box"
      ]])
    }))

  it.effect("5.2 a workspace without repositories has the version of the empty list", () =>
    Effect.gen(function*() {
      const { daemon, home } = yield* startAna()
      const { json } = yield* daemon.post(path, bodyOf(home))
      assert.deepStrictEqual([json.repos, json.repos_version], [[], emptyVersion])
    }))

  it.effect("5.2 a second registration keeps the id, the timezone, the visibility and the owner", () =>
    Effect.gen(function*() {
      const { ana, daemon, home, muster } = yield* startAna()
      const { id } = (yield* daemon.post(path, bodyOf(home))).json.runtimes[0]
      const me = muster.as(ana.token, home)
      assert.strictEqual((yield* me.patch(`/api/runtimes/${id}`, { visibility: "public" })).status, 200)
      yield* TestClock.adjust("1 minute")
      const again = yield* daemon.post(path, bodyOf(home, { timezone: "UTC", device_name: "new" }))
      const row = (yield* me.get(`/api/runtimes/${id}`)).json
      assert.strictEqual(again.json.runtimes[0].id, id)
      assert.deepStrictEqual(
        [row.timezone, row.visibility, row.owner_id, row.last_seen_at, row.created_at],
        ["Europe/Berlin", "public", ana.id, "1970-01-01T00:01:00Z", "1970-01-01T00:00:00Z"]
      )
      assert.strictEqual(row.device_info, "new · 2.1.5 (Claude Code)")
    }))

  it.effect("F-25 a person's token with another person's daemon id is refused with the owner's name", () =>
    Effect.gen(function*() {
      const { ana, daemon, home, muster } = yield* startAna()
      const { id } = (yield* daemon.post(path, bodyOf(home))).json.runtimes[0]
      const bob = yield* muster.person("bob")
      const his = muster.as(bob.token, home)
      for (const role of ["member", "admin", "owner"] as const) {
        yield* muster.member(bob, home, role)
        const answer = yield* his.post(path, bodyOf(home, { daemon_id: " daemon-1 " }))
        assert.deepStrictEqual([answer.status, answer.json], [403, {
          error: "you can only register your own runtimes: this daemon id belongs to ana. " +
            "Ask ana to delete its runtimes, or an owner or admin of the workspace to take them over",
          code: "daemon_of_another"
        }])
      }
      yield* his.post(path, bodyOf(home, { daemon_id: "daemon-2", legacy_daemon_ids: ["daemon-1", "DAEMON-1"] }))
      const row = (yield* his.get(`/api/runtimes/${id}`)).json
      assert.deepStrictEqual([row.owner_id, row.daemon_id], [ana.id, "daemon-1"])
    }))

  it.effect("F-25 a daemon token merges no other daemon's rows", () =>
    Effect.gen(function*() {
      const { home, muster } = yield* startAna()
      const old = yield* muster.runtime(home, { daemon: "old", provider: "claude" })
      const bound = muster.as(yield* muster.daemonToken(home, "daemon-1"))
      const answer = yield* bound.post(path, bodyOf(home, { legacy_daemon_ids: ["old"] }))
      assert.strictEqual(answer.status, 200)
      assert.deepStrictEqual(yield* Effect.orDie(muster.registry.find(old.id)), { _tag: "Found", runtime: old })
    }))

  it.effect("5.2 a daemon token registers without an owner, and keeps an existing one", () =>
    Effect.gen(function*() {
      const { ana, daemon, home, muster } = yield* startAna()
      const bound = muster.as(yield* muster.daemonToken(home, "daemon-1"))
      const first = yield* bound.post(path, bodyOf(home))
      assert.deepStrictEqual([first.status, first.json.runtimes[0].owner_id], [200, null])
      yield* daemon.post(path, bodyOf(home))
      const third = yield* bound.post(path, bodyOf(home))
      assert.strictEqual(third.json.runtimes[0].owner_id, ana.id)
    }))

  it.effect("5.2 a legacy id: the old row is merged into the new one", () =>
    Effect.gen(function*() {
      const { ana, daemon, home, muster } = yield* startAna()
      yield* muster.runtime(home, { daemon: "BOX.local", provider: "claude" })
      const answer = yield* daemon.post(path, bodyOf(home, { legacy_daemon_ids: ["", " box.LOCAL "] }))
      const listed = (yield* muster.as(ana.token, home).get("/api/runtimes")).json
      assert.deepStrictEqual(listed.map(({ id }: { id: string }) => id), [answer.json.runtimes[0].id])
    }))

  it.effect.each([["", "UTC"], ["Mars/Olympus", "UTC"], [null, "UTC"], ["Asia/Tokyo", "Asia/Tokyo"]] as const)(
    "5.2 the timezone %j is kept as %s",
    ([timezone, kept]) =>
      Effect.gen(function*() {
        const { daemon, home } = yield* startAna()
        const answer = yield* daemon.post(path, bodyOf(home, { timezone }))
        assert.strictEqual(answer.json.runtimes[0].timezone, kept)
      })
  )

  // In the protocol's order: each body is invalid in its row's way and in those of all later rows.
  it.effect.each(
    [
      ["no JSON", "{", 400, "invalid request body"],
      ["an empty body", "", 400, "invalid request body"],
      ["a wrong type", { daemon_id: 1 }, 400, "invalid request body"],
      ["no daemon", { workspace_id: "", runtimes: [] }, 400, "daemon_id is required"],
      ["no workspace", { daemon_id: "d", workspace_id: "  ", runtimes: [] }, 400, "workspace_id is required"],
      ["no runtimes", { daemon_id: "d", workspace_id: "junk", runtimes: [] }, 400, "at least one runtime is required"],
      [
        "null for runtimes",
        { daemon_id: "d", workspace_id: "junk", runtimes: null },
        400,
        "at least one runtime is required"
      ],
      ["a bad workspace", { daemon_id: "d", workspace_id: "junk", runtimes: [{}] }, 400, "invalid workspace_id"],
      [
        "an unknown workspace",
        { daemon_id: "d", workspace_id: "11111111-2222-4333-8444-555555555555", runtimes: [{}] },
        404,
        "workspace not found"
      ]
    ] as const
  )("5.2 %s: refused", ([, body, status, error]) =>
    Effect.gen(function*() {
      const { daemon } = yield* startAna()
      const answer = yield* daemon.post(path, body)
      assert.deepStrictEqual([answer.status, answer.json.error], [status, error])
    }))

  it.effect("F-36 a malformed entry, and entries over the bound, are left out; the others are registered", () =>
    Effect.gen(function*() {
      const { daemon, home } = yield* startAna()
      const codex = { name: "Codex", type: "codex", version: "1.0.0", status: "online" }
      const register = (runtimes: ReadonlyArray<unknown>) =>
        daemon.post(path, { workspace_id: home, daemon_id: "d", runtimes })
      const odd = yield* register([{ type: 7 }, codex, null, "text"])
      assert.deepStrictEqual([odd.status, odd.json.runtimes.length, odd.json.runtimes[0].provider], [200, 1, "codex"])
      assert.deepStrictEqual(odd.json.left_out, [
        { reason: "type has a value that is not accepted", count: 1, first: "runtimes[0]" },
        { reason: "it has a value that is not accepted", count: 2, first: "runtimes[2]" }
      ])
      const many = yield* register(Array.from({ length: 103 }, (_, i) => ({ ...codex, type: `cli-${i}` })))
      assert.strictEqual(many.json.runtimes.length, 100)
      assert.deepStrictEqual(many.json.left_out, [
        { reason: "more than 100 entries", count: 3, first: "runtimes[100]" }
      ])
      const none = yield* register([{ type: 7 }])
      assert.deepStrictEqual([none.status, none.json.error], [400, "invalid request body"])
      assert.isUndefined((yield* register([codex])).json.left_out)
    }))

  it.effect("5.2 another person's workspace, or a daemon token of another one or for another daemon: 404", () =>
    Effect.gen(function*() {
      const { ana, home, muster } = yield* startAna()
      const eve = yield* muster.person("eve")
      const second = (yield* muster.workspace("second", ana)).id
      const tokens = [
        eve.token,
        yield* muster.daemonToken(second, "daemon-1"),
        yield* muster.daemonToken(home, "other")
      ]
      for (const token of tokens) {
        const answer = yield* muster.as(token).post(path, bodyOf(home))
        assert.deepStrictEqual([answer.status, answer.json.error], [404, "workspace not found"])
      }
      assert.deepStrictEqual(yield* Effect.orDie(muster.registry.list(home)), [])
    }))

  it.effect("5.2 a dead registry: 500, so the daemon repeats it", () =>
    Effect.gen(function*() {
      const outage = new Outage()
      const { daemon, home } = yield* startAna(outage)
      outage.down = true
      const answer = yield* daemon.post(path, bodyOf(home))
      assert.deepStrictEqual([answer.status, answer.json], [500, {
        error: "failed to register runtime: the store does not answer",
        code: "unavailable"
      }])
    }))

  it.effect("5.2 a dead table of workspaces: 500, not 404", () =>
    Effect.gen(function*() {
      const muster = yield* startMuster({ wraps: { access: () => ({ workspace: () => dead("workspace") }) } })
      const ana = yield* muster.person("ana")
      const home = (yield* muster.workspace("home", ana)).id
      const answer = yield* muster.as(ana.token).post(path, bodyOf(home))
      assert.deepStrictEqual([answer.status, answer.json.error], [500, "failed to load workspace"])
    }))
})
