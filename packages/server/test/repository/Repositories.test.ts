import { assert, describe, it } from "@effect/vitest"
import { Identity, Repositories } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { requireListed } from "../../src/repository/requireListed.ts"
import { startMachines } from "../machine/Scene.ts"
import { type Answer } from "../support/Http.ts"
import { startHome } from "../support/Scene.ts"

const said = ({ json, status }: Answer) => [status, json?.error]

const one = "https://git.example.org/team/one.git"
const two = "git@git.example.org:team/two"

const startRepositories = Effect.fnUntraced(function*() {
  const scene = yield* startHome()
  const at = `/api/workspaces/${scene.home}/repositories`
  const add = (url: unknown) => scene.me.post(at, { url })
  const remove = (url: string) => scene.me.delete(`${at}?url=${encodeURIComponent(url)}`)
  const daemonRepos = Effect.map(scene.me.get(`/api/daemon/workspaces/${scene.home}/repos`), ({ json }) => json)
  return { ...scene, at, add, remove, daemonRepos }
})

describe("the repositories of a workspace", () => {
  it.effect("what people add is listed and reaches daemons, with a version that changes with the list", () =>
    Effect.gen(function*() {
      const { add, ana, at, daemonRepos, me, remove } = yield* startRepositories()
      const empty = (yield* me.get(at)).json
      assert.deepStrictEqual([empty.repositories, empty.max], [[], 500])
      yield* TestClock.adjust("1 minute")
      const added = { url: one, added_by: { id: ana.id, name: "ana" }, added_at: "1970-01-01T00:01:00Z" }
      const first = yield* add(` ${one} `)
      assert.deepStrictEqual([first.status, first.json], [200, { ...added, added: true }])
      assert.deepStrictEqual((yield* add("HTTPS://Git.Example.org/team/one/")).json, { ...added, added: false })
      yield* add(two)
      const list = (yield* me.get(at)).json
      assert.deepStrictEqual(list.repositories, [added, { ...added, url: two }])
      const daemons = yield* daemonRepos
      assert.deepStrictEqual(daemons.repos, [{ url: one }, { url: two }])
      assert.strictEqual(daemons.repos_version, list.version)
      assert.strictEqual((yield* remove("https://git.example.org/team/one")).status, 204)
      assert.deepStrictEqual((yield* daemonRepos).repos, [{ url: two }])
      const versions = [empty.version, list.version, (yield* daemonRepos).repos_version]
      assert.strictEqual(new Set(versions).size, 3)
      assert.deepStrictEqual(said(yield* remove(one)), [404, "repository not found"])
    }))

  it.effect("a URL that names no repository is refused with one sentence, without what it contains", () =>
    Effect.gen(function*() {
      const { add, at, me } = yield* startRepositories()
      const forms = "a repository URL starts with https://, http://, ssh://, git:// or git@host:"
      assert.deepStrictEqual(said(yield* add("")), [400, "url is required"])
      assert.deepStrictEqual(said(yield* add(null)), [400, "url is required"])
      assert.deepStrictEqual(said(yield* add("/srv/git/one")), [400, forms])
      assert.deepStrictEqual(said(yield* add("file:///srv/git/one")), [400, forms])
      const credentials = "a repository URL contains no user, password or token: machines use their own git credentials"
      assert.deepStrictEqual(said(yield* add("https://ana:secret@git.example.org/one")), [400, credentials])
      const long = `https://git.example.org/${"a".repeat(2_048)}`
      assert.deepStrictEqual(said(yield* add(long)), [400, "url must be at most 2048 characters"])
      assert.deepStrictEqual(said(yield* me.delete(at)), [400, "url is required"])
      assert.deepStrictEqual((yield* me.get(at)).json.repositories, [])
    }))

  it.effect("a full list refuses another repository", () =>
    Effect.gen(function*() {
      const { add, home, me } = yield* startRepositories()
      const repos = Array.from({ length: 501 }, (_, i) => ({ url: `https://git.example.org/${i}` }))
      const edit = (repos: ReadonlyArray<object>) => me.patch(`/api/workspaces/${home}`, { repos })
      assert.deepStrictEqual(said(yield* edit(repos)), [400, "repos must be a list of at most 500 entries"])
      assert.strictEqual((yield* edit(repos.slice(1))).status, 200)
      const full = "this workspace has 500 repositories, which is the maximum: remove some of them"
      assert.deepStrictEqual(said(yield* add(one)), [429, full])
    }))

  it.effect("settings are shown to members with their defaults, and changed in part; a machine gets them", () =>
    Effect.gen(function*() {
      const { home, me } = yield* startRepositories()
      const at = `/api/workspaces/${home}/settings`
      assert.deepStrictEqual((yield* me.get(at)).json, { co_authored_by_enabled: true })
      assert.deepStrictEqual((yield* me.patch(at, {})).json, { co_authored_by_enabled: true })
      yield* me.patch(`/api/workspaces/${home}`, { settings: { theirs: 1 } })
      assert.deepStrictEqual((yield* me.patch(at, { co_authored_by_enabled: false })).json, {
        co_authored_by_enabled: false
      })
      assert.deepStrictEqual((yield* me.get(`/api/workspaces/${home}`)).json.settings, {
        theirs: 1,
        co_authored_by_enabled: false
      })
      assert.deepStrictEqual(said(yield* me.patch(at, { co_authored_by_enabled: "no" })), [400, "invalid request body"])
    }))

  it.effect("a machine's listing has the version of the list that daemons load, and the settings", () =>
    Effect.gen(function*() {
      const { home, joined, me } = yield* startMachines()
      const { daemon } = yield* joined()
      const heard = Effect.map(daemon.get("/api/daemon/machine?daemon_id=box-1"), ({ json }) => json.workspaces[0])
      const loaded = Effect.map(daemon.get(`/api/daemon/workspaces/${home}/repos`), ({ json }) => json)
      const before = yield* heard
      assert.deepStrictEqual([before.settings, before.repos_version], [{}, (yield* loaded).repos_version])
      yield* me.post(`/api/workspaces/${home}/repositories`, { url: one })
      yield* me.patch(`/api/workspaces/${home}/settings`, { co_authored_by_enabled: false })
      const after = yield* heard
      assert.notStrictEqual(after.repos_version, before.repos_version)
      assert.deepStrictEqual(after.settings, { co_authored_by_enabled: false })
      assert.deepStrictEqual(yield* loaded, {
        workspace_id: home,
        repos: [{ url: one }],
        repos_version: after.repos_version
      })
      const registered = yield* daemon.post("/api/daemon/register", {
        workspace_id: home,
        daemon_id: "box-1",
        runtimes: [{ type: "codex" }]
      })
      const { repos, repos_version, settings } = registered.json
      assert.deepStrictEqual([repos, repos_version, settings], [[{ url: one }], after.repos_version, after.settings])
    }))

  it.effect("additions, removals and settings are in the audit log, once each", () =>
    Effect.gen(function*() {
      const { add, home, me, remove } = yield* startRepositories()
      yield* add(one)
      yield* add(one)
      yield* me.patch(`/api/workspaces/${home}/settings`, { co_authored_by_enabled: false })
      yield* me.patch(`/api/workspaces/${home}/settings`, { co_authored_by_enabled: false })
      yield* remove(one)
      yield* TestClock.adjust("1 second")
      const { events } = (yield* me.get("/api/audit")).json
      const shown = events.map(({ action, details, target }: any) => [action, target?.name, details])
        .filter(([action]: [string]) => action.startsWith("repository.") || action.startsWith("settings."))
      assert.deepStrictEqual(shown.toReversed(), [
        ["repository.add", one, {}],
        ["settings.edit", "co_authored_by_enabled", { from: true, to: false }],
        ["repository.remove", one, {}]
      ])
    }))

  it.effect("the server refuses a repository that is not on the list, and accepts any spelling of one that is", () =>
    Effect.gen(function*() {
      const { add, home, muster } = yield* startRepositories()
      yield* add(one)
      const asked = (url: string, workspace: string = home) =>
        requireListed(Identity.WorkspaceId.make(workspace), url).pipe(
          Effect.provideService(Repositories.Repositories, muster.repositories),
          Effect.match({ onFailure: ({ error, name }) => `${name}: ${error}`, onSuccess: () => "accepted" })
        )
      assert.strictEqual(yield* asked("https://GIT.example.org/team/one"), "accepted")
      const refused = "BadRequest: the repository is not on the workspace's list: " +
        "an owner or admin can add it with `muster repos add`"
      for (const url of [two, "https://git.example.org/team/one/../two", "https://a:b@git.example.org/team/one", ""]) {
        assert.strictEqual(yield* asked(url), refused)
      }
      const nowhere = "00000000-0000-4000-8000-000000000000"
      assert.strictEqual(yield* asked(one, nowhere), "NotFound: workspace not found")
    }))
})
