import { describe, it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity, Repository, type Workspace } from "@muster/domain"
import { Effect, Option, Result } from "effect"
import { TestClock } from "effect/testing"
import { peopleScene, reasonOf, roles } from "../membership/Fixture.ts"
import { minute, start, together } from "../runtime/Fixture.ts"
import { allUnavailable } from "../runtime/Outage.ts"
import type { StoreBackend } from "../runtime/StoreBackend.ts"

const nowhere = Identity.WorkspaceId.make("00000000-0000-4000-8000-000000000000")

const addressOf = (url: string): Repository.RepositoryUrl => Result.getOrThrow(Repository.parseUrl(url))
const one = "https://git.example.org/team/one.git"
const two = "ssh://git@git.example.org/team/two"

/** Ada's workspace, and what she does with its list. */
const listScene = Effect.fnUntraced(function*(backend: StoreBackend) {
  const scene = yield* peopleScene(backend)
  const { a, ada, b, place } = scene
  const change = { ...place, by: ada.id }
  const add = (url: string, node = a) => node.repositories.add({ ...change, address: addressOf(url) })
  const remove = (url: string, node = a) => node.repositories.remove({ ...change, url })
  /** As the other node has it. */
  const urls = Effect.map(
    b.repositories.list(place.workspaceId),
    (list) => Option.getOrThrow(list).map(({ url }) => url)
  )
  return { ...scene, change, add, remove, urls }
})

const listing = (backend: StoreBackend): void => {
  it.effect("an added repository is on the list of every replica, with who added it and when", () =>
    Effect.gen(function*() {
      const { a, ada, add, b, workspace } = yield* listScene(backend)
      assertSome(yield* b.repositories.list(workspace.id), [])
      assertNone(yield* b.repositories.list(nowhere))
      deepStrictEqual(yield* add(one), {
        repository: { url: one, addedBy: ada.id, addedAt: start },
        isNew: true
      })
      yield* TestClock.adjust(minute)
      yield* add(two, b)
      assertSome(yield* a.repositories.list(workspace.id), [
        { url: one, addedBy: ada.id, addedAt: start },
        { url: two, addedBy: ada.id, addedAt: start + minute }
      ])
      const record = Option.getOrThrow(yield* a.access.workspace(workspace.id))
      deepStrictEqual(Repository.repositoriesIn(record.repos).map(({ url }) => url), [one, two])
      strictEqual(record.updatedAt, start + minute)
    }))

  it.effect("another spelling of an address is the same repository, also if many add it concurrently", () =>
    Effect.gen(function*() {
      const { a, add, b, remove, urls } = yield* listScene(backend)
      yield* add(one)
      const again = yield* add("HTTPS://Git.Example.org:443/team/one/", b)
      deepStrictEqual([again.isNew, again.repository.url], [false, one])
      const added = yield* together([0, 1, 2, 3, 4, 5].map((i) => add(i % 3 === 0 ? `${two}.git` : two, i < 3 ? a : b)))
      strictEqual(added.filter(({ isNew }) => isNew).length, 1)
      strictEqual((yield* urls).length, 2)
      deepStrictEqual(yield* remove("https://git.example.org/team/one", b), true)
      deepStrictEqual(yield* remove(one), false)
      strictEqual((yield* urls).length, 1)
    }))

  it.effect("concurrent additions of different repositories are all kept", () =>
    Effect.gen(function*() {
      const { a, add, b, urls } = yield* listScene(backend)
      const all = Array.from({ length: 12 }, (_, i) => `https://git.example.org/team/p${i}`)
      yield* together(all.map((url, i) => add(url, i % 2 === 0 ? a : b)))
      deepStrictEqual((yield* urls).toSorted(), all.toSorted())
    }))

  it.effect("a list has at most 500 repositories; one that it has already is accepted", () =>
    Effect.gen(function*() {
      const { a, add, change, remove } = yield* listScene(backend)
      const repos = Array.from({ length: 500 }, (_, i) => ({ url: `https://git.example.org/team/p${i}` }))
      yield* a.membership.editWorkspace({ ...change, edit: { repos } })
      const full = yield* Effect.flip(add(one))
      deepStrictEqual([full._tag, "max" in full && full.max], ["RepositoriesFull", 500])
      strictEqual((yield* add("https://git.example.org/team/p499")).isNew, false)
      yield* remove("https://git.example.org/team/p0")
      strictEqual((yield* add(one)).isNew, true)
    }))

  it.effect("what another client wrote is listed as it is, and only what is removed goes", () =>
    Effect.gen(function*() {
      const { a, b, change, remove, urls, workspace } = yield* listScene(backend)
      const theirs = { url: " https://git.example.org/a ", description: "d" }
      const repos = [theirs, { url: "x" }, { url: "x" }, {}, "y"] as Workspace.Workspace["repos"]
      yield* a.membership.editWorkspace({ ...change, edit: { repos } })
      assertSome(yield* b.repositories.list(workspace.id), [
        { url: "https://git.example.org/a", addedBy: null, addedAt: null },
        { url: "x", addedBy: null, addedAt: null }
      ])
      deepStrictEqual(yield* remove("x"), true)
      deepStrictEqual(yield* urls, ["https://git.example.org/a"])
      deepStrictEqual(Option.getOrThrow(yield* a.access.workspace(workspace.id)).repos, [theirs, {}, "y"])
    }))
}

const permissions = (backend: StoreBackend): void => {
  it.effect("only owners and admins change the list and the settings", () =>
    Effect.gen(function*() {
      const { a, change, member, person, urls } = yield* listScene(backend)
      const attempts = (more: Partial<typeof change>) => {
        const by = { ...change, ...more }
        return [
          Effect.asVoid(a.repositories.add({ ...by, address: addressOf(one) })),
          Effect.asVoid(a.repositories.editSettings({ ...by, edit: {} })),
          Effect.asVoid(a.repositories.remove({ ...by, url: one }))
        ]
      }
      for (const role of roles) {
        const { id: by } = yield* member(role, role)
        for (const attempt of attempts({ by })) {
          if (role === "member") strictEqual(yield* reasonOf(attempt), "forbidden")
          else yield* attempt
        }
      }
      const eve = yield* person("eve")
      for (const attempt of [...attempts({ by: eve.id }), ...attempts({ workspaceId: nowhere })]) {
        strictEqual(yield* reasonOf(attempt), "outsider")
      }
      deepStrictEqual(yield* urls, [])
    }))
}

const settings = (backend: StoreBackend): void => {
  it.effect("agents are co-authors until the workspace decides otherwise; other keys of the record stay", () =>
    Effect.gen(function*() {
      const { a, b, change, workspace } = yield* listScene(backend)
      assertSome(yield* b.repositories.settings(workspace.id), { coAuthoredByEnabled: true })
      assertNone(yield* b.repositories.settings(nowhere))
      yield* a.membership.editWorkspace({ ...change, edit: { settings: { theirs: [1] } } })
      const off = { coAuthoredByEnabled: false }
      deepStrictEqual(yield* a.repositories.editSettings({ ...change, edit: off }), off)
      assertSome(yield* b.repositories.settings(workspace.id), off)
      deepStrictEqual(yield* b.repositories.editSettings({ ...change, edit: {} }), off)
      deepStrictEqual(Option.getOrThrow(yield* a.access.workspace(workspace.id)).settings, {
        theirs: [1],
        co_authored_by_enabled: false
      })
    }))
}

const outage = (backend: StoreBackend): void => {
  it.effect("with the backend down every call is unavailable, never absent and never refused", () =>
    Effect.gen(function*() {
      const { a, b, change, outage, workspace } = yield* listScene(backend)
      yield* outage
      for (const { repositories } of [a, b]) {
        yield* allUnavailable([
          repositories.list(workspace.id),
          repositories.add({ ...change, address: addressOf(one) }),
          repositories.remove({ ...change, url: one }),
          repositories.settings(workspace.id),
          repositories.editSettings({ ...change, edit: {} })
        ])
      }
    }))
}

/** What every Repositories does, on two nodes of one backend. */
export const repositoriesSuite = (backend: StoreBackend): void => {
  describe(`repositories · ${backend.name}`, () => {
    listing(backend)
    permissions(backend)
    settings(backend)
    outage(backend)
  })
}
