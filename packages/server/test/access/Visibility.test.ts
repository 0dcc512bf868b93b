import { assert, describe, it } from "@effect/vitest"
import { type Identity, Kinds, Permission } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { Options } from "../support/Muster.ts"
import { startHome } from "../support/Scene.ts"
import { asked } from "./EndpointTable.ts"

const noRequest = "0".repeat(32)

/** One operation of a person on a runtime. */
interface Operation {
  readonly name: string
  readonly action: Permission.RuntimeAction
  readonly method: "get" | "post" | "patch" | "delete"
  readonly path: string
  readonly body?: object
  /** The status for an allowed person; 200 by default. */
  readonly allowed?: number
}

/** Every operation on a runtime; those of all kinds of requests are made from the kinds. The last one removes it. */
const operations: ReadonlyArray<Operation> = [
  { name: "look", action: "see", method: "get", path: "" },
  { name: "see the kept models", action: "see", method: "get", path: "/models" },
  ...Kinds.all.flatMap(({ asking, many, name, path }): ReadonlyArray<Operation> => {
    const body = asked[name] ?? {}
    return [
      { name: `ask ${name}`, action: asking.ask, method: "post", path: `/${path}`, body },
      { name: `look at ${name}`, action: asking.look, method: "get", path: `/${path}/${noRequest}`, allowed: 404 },
      ...(many === undefined
        ? []
        : [
          {
            name: `ask many ${name}`,
            action: asking.ask,
            method: "post",
            path: `/${many.path}`,
            body: { requests: [body] }
          } as const
        ])
    ]
  }),
  { name: "ask for fresh models", action: "use", method: "post", path: "/models?fresh=1" },
  { name: "edit", action: "edit", method: "patch", path: "", body: { name: "new" } },
  { name: "change visibility", action: "edit", method: "patch", path: "", body: {} },
  { name: "take over", action: "takeOver", method: "post", path: "/take-over" },
  { name: "delete", action: "delete", method: "delete", path: "" }
]

/** What members may do besides the owner, by its name: from the requirement, not from the code. */
const seeing = new Set(["see", "ask local_skill_list", "look", "look at local_skill_list", "look at model_list"])

const roles: ReadonlyArray<Identity.Role> = ["owner", "admin", "member"]
const visibilities: ReadonlyArray<Permission.Visibility> = ["private", "public"]
const cases = visibilities.flatMap((visibility) => roles.map((role) => [visibility, role] as const))

const startVisible = Effect.fnUntraced(
  function*(visibility: Permission.Visibility, role: Identity.Role, options: Options = {}) {
    const scene = yield* startHome(options)
    const { ana, codex, home, me, muster } = scene
    const bob = yield* muster.person("bob")
    yield* muster.member(bob, home, role)
    yield* me.patch(`/api/runtimes/${codex.id}`, { visibility })
    const his = muster.as(bob.token, home)
    let made = 0
    /** A new runtime of a daemon of its own, with this visibility. */
    const runtime = Effect.fnUntraced(function*(owner: Identity.UserId | null) {
      const one = yield* muster.runtime(home, { daemon: `box-${made++}`, owner })
      yield* Effect.orDie(muster.registry.edit(one.id, { visibility }))
      yield* Effect.orDie(muster.catalogue.keep(one.id, [{ id: "m", label: "M" }], 0))
      return one
    })
    return { ...scene, ana, bob, his, runtime }
  }
)

describe("F-29 operations on a runtime, by role and visibility", () => {
  it.effect.each(cases)(
    "F-29 a %s runtime: %s of the workspace, every operation, with any owner",
    ([visibility, role]) =>
      Effect.gen(function*() {
        const { ana, bob, his, muster, runtime } = yield* startVisible(visibility, role)
        for (const { action, allowed = 200, body, method, name, path } of operations) {
          for (const owner of [ana.id, bob.id, null]) {
            const one = yield* runtime(owner)
            const isOwner = owner === bob.id
            // A kept list is visible; only a live one starts the CLI.
            const may = Permission.mayAct(action, { role, isOwner, visibility }) || name === "ask model_list"
            const answer = yield* his[method](`/api/runtimes/${one.id}${path}`, body)
            const about = `${name}, ${isOwner ? "own" : owner === null ? "nobody's" : "another's"}`
            assert.strictEqual(answer.status, may ? allowed : 403, about)
            if (seeing.has(name)) assert.isTrue(may, about)
            if (may || owner !== ana.id) continue
            assert.include(answer.json.error, ["use", "import", "update"].includes(action) ? "ana" : "", about)
            assert.deepStrictEqual(yield* Effect.orDie(muster.requests.waiting(one.id)), [], about)
          }
        }
      })
  )

  it.effect("F-29 a member gets the kept models of a private runtime, and no request goes to its daemon", () =>
    Effect.gen(function*() {
      const refreshed = Promise.withResolvers<void>()
      const { codex, his, me, muster } = yield* startVisible("private", "admin", {
        wraps: {
          requests: (real) => ({
            create: (input) => Effect.tap(real.create(input), () => Effect.sync(() => refreshed.resolve()))
          })
        }
      })
      const models = `/api/runtimes/${codex.id}/models`
      const none = yield* his.post(models)
      assert.deepStrictEqual([none.status, none.json], [403, {
        error: "insufficient permissions: this runtime is private, only its owner can use it; " +
          "make it public first, or ask ana to do so",
        code: "runtime_private"
      }])
      yield* Effect.orDie(muster.catalogue.keep(codex.id, [{ id: "m", label: "M" }], 0))
      yield* TestClock.adjust("61 seconds")
      const kept = yield* his.post(models)
      assert.deepStrictEqual([kept.status, kept.json.cached, kept.json.models], [200, true, [{ id: "m", label: "M" }]])
      const again = yield* his.get(`${models}/${kept.json.id}`)
      assert.strictEqual(again.status, 200)
      assert.deepStrictEqual(yield* Effect.orDie(muster.requests.waiting(codex.id)), [])
      // For its owner the same call fetches a new list in the background.
      assert.strictEqual((yield* me.post(models)).json.cached, true)
      yield* Effect.promise(() => refreshed.promise)
      assert.deepStrictEqual(yield* Effect.orDie(muster.requests.waiting(codex.id)), ["model_list"])
    }))

  it.effect("F-29 an admin opens a private runtime by making it public: every member sees it, and the log has the person", () =>
    Effect.gen(function*() {
      const { ana, bob, codex, his, home, me, muster } = yield* startVisible("private", "admin")
      const carl = yield* muster.person("carl")
      yield* muster.member(carl, home, "member")
      const ping = `/api/runtimes/${codex.id}/ping`
      assert.strictEqual((yield* his.post(ping)).status, 403)
      assert.strictEqual((yield* his.patch(`/api/runtimes/${codex.id}`, { visibility: "public" })).status, 200)
      assert.strictEqual((yield* his.patch(`/api/runtimes/${codex.id}`, { visibility: "public" })).status, 200)
      assert.strictEqual((yield* muster.as(carl.token, home).post(ping)).status, 200)
      assert.strictEqual((yield* me.get(`/api/runtimes/${codex.id}`)).json.visibility, "public")
      const lines = muster.lines.filter(({ message }) => message.startsWith("runtime made"))
      assert.deepStrictEqual(lines.map(({ annotations, level, message }) => [level, message, annotations]), [
        ["Info", "runtime made public", { runtime_id: codex.id, owner_id: ana.id, user_id: bob.id }]
      ])
    }))

  it.effect("F-29 a registration makes a new runtime private, and keeps what a person chose", () =>
    Effect.gen(function*() {
      const { codex, daemon, home, me, muster } = yield* startHome()
      const body = { workspace_id: home, daemon_id: "daemon-1", runtimes: [{ type: "codex" }, { type: "claude" }] }
      yield* me.patch(`/api/runtimes/${codex.id}`, { visibility: "public" })
      yield* daemon.post("/api/daemon/register", body)
      const rows = yield* Effect.orDie(muster.registry.list(home))
      assert.deepStrictEqual(rows.map(({ visibility }) => visibility), ["public", "private"])
    }))
})
