import { it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity, Runtime, RuntimeRegistry, StoreBounds } from "@muster/domain"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { cli, idsOf, look, makeWorkspace, minute, register, registration, scene, start } from "./Fixture.ts"
import type { StoreBackend } from "./StoreBackend.ts"

/** In a store with a maximum of three runtimes per workspace. */
const bounded = Effect.provideService(StoreBounds.StoreBounds, { runtimes: 3, tokens: 1 })

const byId = (rows: ReadonlyArray<Runtime.Runtime>) => rows.toSorted((one, two) => one.id < two.id ? -1 : 1)

/** The effects of consecutive registrations. */
export const registering = (backend: StoreBackend): void => {
  it.effect("a new runtime has all reported fields, and is seen now", () =>
    Effect.gen(function*() {
      const { a, b, user, workspace } = yield* scene(backend)
      const [runtime] = yield* register(a, workspace, [cli("codex", { deviceInfo: "box · 2.0" })], { owner: user.id })
      deepStrictEqual(runtime, {
        id: runtime!.id,
        workspaceId: workspace.id,
        daemonId: Identity.DaemonId.make("box"),
        name: "codex (box)",
        runtimeMode: "local",
        provider: "codex",
        status: "online",
        deviceInfo: "box · 2.0",
        metadata: { version: "1.0.0", cli_version: "0.3.1", launched_by: "" },
        ownerId: user.id,
        visibility: "private",
        timezone: "Europe/Berlin",
        lastSeenAt: start,
        createdAt: start,
        updatedAt: start,
        instances: null,
        cli: null,
        defaultModel: null,
        ephemeral: false
      })
      deepStrictEqual(yield* look(b, runtime!.id), runtime)
    }))

  it.effect("many rows are read at once, of several workspaces; removed and unknown ones are left out", () =>
    Effect.gen(function*() {
      const { a, b, user, workspace } = yield* scene(backend)
      const [removed, ...kept] = yield* register(a, workspace, ["codex", "claude", "gemini"])
      const elsewhere = yield* register(a, yield* makeWorkspace(a, "other", user.id), ["codex"])
      yield* a.registry.remove(removed!.id, null)
      const unknown = Runtime.RuntimeId.make("aaaaaaaa-0000-4000-8000-000000000000")
      const found = yield* b.registry.rows([unknown, removed!.id, ...[...kept, ...elsewhere].map(({ id }) => id)])
      deepStrictEqual(byId(found), byId([...kept, ...elsewhere]))
      deepStrictEqual(yield* b.registry.rows([]), [])
    }))

  it.effect("F-27 a workspace has at most the maximum number of runtimes; existing ones can register again", () =>
    Effect.gen(function*() {
      const { a, b, workspace } = yield* scene(backend)
      yield* bounded(register(a, workspace, ["codex", "claude"]))
      const other = { daemonId: Identity.DaemonId.make("other") }
      deepStrictEqual(
        yield* Effect.flip(bounded(b.registry.register(registration(workspace, ["codex", "claude"], other)))),
        new RuntimeRegistry.RuntimesFull({ max: 3 })
      )
      strictEqual((yield* a.registry.list(workspace.id)).length, 2)
      yield* bounded(register(b, workspace, ["codex"], other))
      yield* TestClock.adjust(minute)
      strictEqual((yield* bounded(register(b, workspace, ["codex", "claude"]))).length, 2)
    }))

  it.effect("a repeated registration keeps ids and given fields, and takes over new ones", () =>
    Effect.gen(function*() {
      const { a, b, user, workspace } = yield* scene(backend)
      const first = yield* register(a, workspace, ["codex", "claude"], { owner: user.id })
      yield* TestClock.adjust(minute)
      const again = yield* register(b, workspace, [cli("claude", { status: "offline" }), "codex"], { timezone: "UTC" })
      deepStrictEqual(idsOf(again), [first[1]!.id, first[0]!.id])
      deepStrictEqual(again[0], {
        ...first[1]!,
        status: "offline",
        lastSeenAt: start + minute,
        updatedAt: start + minute
      })
      strictEqual((yield* a.registry.list(workspace.id)).length, 2)
    }))

  it.effect("register returns one row per entry in order, the same one twice for one provider", () =>
    Effect.gen(function*() {
      const { a, workspace } = yield* scene(backend)
      const providers = ["pi", "codex", "claude", "codex", "amp"]
      const rows = yield* register(a, workspace, providers.map((provider, i) => cli(provider, { name: `no. ${i}` })))
      deepStrictEqual(rows.map(({ provider }) => provider), providers)
      strictEqual(rows[1]!.id, rows[3]!.id)
      deepStrictEqual(rows[1], rows[3])
      strictEqual(rows[1]!.name, "no. 3")
      strictEqual((yield* a.registry.list(workspace.id)).length, 4)
    }))

  it.effect("a registration keeps a name, a timezone and a visibility that a person gave", () =>
    Effect.gen(function*() {
      const { a, workspace } = yield* scene(backend)
      const [codex, claude] = yield* register(a, workspace, ["codex", "claude"])
      yield* a.registry.edit(codex!.id, { name: "My Codex", timezone: "Asia/Tokyo", visibility: "public" })
      yield* a.registry.edit(claude!.id, { timezone: "Asia/Tokyo" })
      const renamed = ["codex", "claude"].map((provider) => cli(provider, { name: `${provider} (renamed)` }))
      const [codexNow, claudeNow] = yield* register(a, workspace, renamed)
      deepStrictEqual(
        [codexNow!.name, codexNow!.timezone, codexNow!.visibility],
        ["My Codex", "Asia/Tokyo", "public"]
      )
      deepStrictEqual(
        [claudeNow!.name, claudeNow!.timezone, claudeNow!.visibility],
        ["claude (renamed)", "Asia/Tokyo", "private"]
      )
    }))

  it.effect("the first person who registers is the owner; a daemon token does not change that", () =>
    Effect.gen(function*() {
      const { a, user, workspace } = yield* scene(backend)
      const owners: Array<unknown> = []
      for (const owner of [null, user.id, null, user.id]) {
        const [runtime] = yield* register(a, workspace, ["codex"], { owner })
        owners.push(runtime!.ownerId)
      }
      deepStrictEqual(owners, [null, user.id, user.id, user.id])
    }))

  it.effect("a runtime is unique by workspace, daemon and provider", () =>
    Effect.gen(function*() {
      const { a, b, user, workspace } = yield* scene(backend)
      const other = yield* makeWorkspace(a, "other", user.id)
      const rows = [
        ...yield* register(a, workspace, ["codex", "claude"]),
        ...yield* register(b, other, ["codex"]),
        ...yield* register(b, workspace, ["codex"], { daemonId: Identity.DaemonId.make("Box") })
      ]
      strictEqual(new Set(idsOf(rows)).size, 4)
      deepStrictEqual(idsOf(yield* a.registry.list(other.id)), [rows[2]!.id])
    }))

  it.effect("an unknown workspace is absent, and the attempt leaves nothing", () =>
    Effect.gen(function*() {
      const { a } = yield* scene(backend)
      const absent = Identity.WorkspaceId.make("00000000-0000-4000-8000-000000000000")
      const error = yield* Effect.flip(a.registry.register(registration(absent, ["codex"])))
      strictEqual(error._tag, "WorkspaceAbsent")
      deepStrictEqual(yield* a.registry.list(absent), [])
    }))

  it.effect("bytes that a database cannot store do no harm", () =>
    Effect.gen(function*() {
      const { a, workspace } = yield* scene(backend)
      const bad = "a\0b\uD800c"
      const entry = cli("codex", {
        name: bad,
        deviceInfo: bad,
        metadata: { version: bad, cli_version: "\0", launched_by: bad }
      })
      const more = { timezone: bad, daemonId: Identity.DaemonId.make(bad), legacyDaemonIds: [bad, "\0"] }
      const [first] = yield* register(a, workspace, [entry], more)
      const [again] = yield* register(a, workspace, [entry], more)
      strictEqual(again!.id, first!.id)
      strictEqual((yield* look(a, first!.id)).name.replaceAll("\0", "").toWellFormed(), "ab\uFFFDc")
      assertTrue(Option.isSome(yield* a.registry.edit(first!.id, { name: bad, timezone: "\0" })))
    }))
}
