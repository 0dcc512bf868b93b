import { assert, describe, it } from "@effect/vitest"
import { shared } from "@muster/store-suite"
import { Effect } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { startMemoryServer } from "./support/MemoryServer.ts"
import { makeHome, profileOf, runMuster } from "./support/runMuster.ts"

const server = shared(startMemoryServer)
const saved = (home: string) => JSON.parse(readFileSync(profileOf(home), "utf8"))

/** Runs a command with --json: its exit code as `exit`, and its document. */
const runJson = (home: string, ...args: ReadonlyArray<string>) =>
  Effect.map(runMuster([...args, "--json"], { home }), ({ code, stdout }) => ({ exit: code, ...JSON.parse(stdout) }))

let teams = 0
/** The owner at the command line, in a workspace of the test's own. */
const startTeam = Effect.gen(function*() {
  const { owner, url } = yield* server
  const home = yield* makeHome
  const { MUSTER_TOKEN: token } = owner.env
  yield* runMuster(["login", "--server", url, "--token", token], { home })
  const run = (...args: ReadonlyArray<string>) => runJson(home, ...args)
  const team = yield* run("workspaces", "create", `Team ${++teams}`)
  assert.strictEqual(team.exit, 0)
  /** A new person, who accepted an invitation in a home of their own. */
  const join = Effect.fnUntraced(function*(name: string, ...flags: ReadonlyArray<string>) {
    const { link } = yield* run("invite", ...flags)
    const home = yield* makeHome
    const email = `${name.toLowerCase()}-${teams}@example.com`
    const joined = yield* runJson(home, "login", "--invite", link, "--name", name, "--email", email)
    assert.strictEqual(joined.exit, 0)
    return { home, email, run: (...args: ReadonlyArray<string>) => runJson(home, ...args) }
  })
  return { home, join, run, team: { id: team.id as string, slug: team.slug as string, name: team.name as string } }
})

describe("muster login --invite", () => {
  it.live("A-01 a person who is signed in to the server joins with their account and keeps their token", () =>
    Effect.gen(function*() {
      const bob = yield* (yield* startTeam).join("Bob")
      const before = saved(bob.home)
      const other = yield* startTeam
      const { link } = yield* other.run("invite", "--email", bob.email)
      const joined = yield* bob.run("login", "--invite", link)
      assert.deepStrictEqual([joined.exit, joined.user.email], [0, bob.email])
      assert.deepStrictEqual(saved(bob.home), { ...before, workspace: other.team.id })
      const again = yield* bob.run("login", "--invite", link)
      assert.deepStrictEqual([again.exit, again.code], [3, "invitation_accepted"])
    }))

  it.live("A-01 a link that admits nobody is one sentence and one next step, and saves nothing", () =>
    Effect.gen(function*() {
      const { join, run } = yield* startTeam
      const bob = yield* join("Bob")
      const { id, link } = yield* run("invite", "--expires", "1")
      const { link: bound } = yield* run("invite", "--email", "carl@example.com")
      const home = yield* makeHome
      const accept = (link: string, ...flags: ReadonlyArray<string>) =>
        runMuster(["login", "--invite", link, ...flags], { home })
      assert.deepStrictEqual(
        (yield* accept(link, "--name", "Rob", "--email", bob.email)).stderr,
        "error: an account with this e-mail address exists: sign in to it, then open the link again\n" +
          "next:  sign in to that account first: muster login\n"
      )
      assert.deepStrictEqual(
        (yield* accept(bound, "--name", "Max", "--email", "max@example.com")).stderr,
        "error: this invitation is for another e-mail address: sign in as that person, or use that address\n" +
          "next:  sign in as that person, or give that address: --email\n"
      )
      yield* run("invite", "revoke", id)
      const revoked = yield* accept(link, "--name", "Max", "--email", "max@example.com")
      assert.strictEqual(revoked.code, 3)
      assert.match(revoked.stderr, /^error: this invitation was revoked: ask for a new one\nnext: {2}ask /)
      for (const wrong of ["", "http://localhost:8080", bound.slice(0, -1), `${bound}0`, bound.split("#")[1]!]) {
        assert.strictEqual((yield* accept(wrong, "--name", "Max")).code, 2)
      }
      assert.isFalse(existsSync(profileOf(home)))
    }))
})

describe("what is refused about people and workspaces", () => {
  it.live("C-06 each refusal has a next step that helps", () =>
    Effect.gen(function*() {
      const { join, run, team } = yield* startTeam
      const bob = yield* join("Bob")
      const nextOf = (...args: ReadonlyArray<string>) =>
        Effect.map(
          run(...args),
          ({ error, exit, next }) => [exit, error.replace(/^the server refused the request: /, ""), next]
        )
      yield* run("invite", "--email", "carl@example.com")
      assert.deepStrictEqual(yield* nextOf("invite", "--email", "carl@example.com"), [
        1,
        "invitation already pending for this email",
        "list the pending invitations: muster invite list"
      ])
      assert.deepStrictEqual(yield* nextOf("invite", "--email", bob.email), [
        1,
        "user is already a member",
        "list the members: muster members"
      ])
      assert.deepStrictEqual(yield* nextOf("members", "role", "owner@localhost", "admin"), [
        2,
        "workspace must have at least one owner",
        "make another member an owner first: muster members role MEMBER owner"
      ])
      assert.deepStrictEqual(yield* nextOf("workspaces", "create", "Again", "--slug", team.slug), [
        1,
        "workspace slug already exists",
        "choose another one: --slug"
      ])
    }))

  it.live("A-10 leaving or deleting one workspace forgets it in the profile, and no other", () =>
    Effect.gen(function*() {
      const { home, run, team } = yield* startTeam
      const second = yield* run("workspaces", "create", `Second ${teams}`)
      assert.strictEqual(saved(home).workspace, second.id)
      yield* run("workspaces", "delete", team.slug, "--confirm", team.slug)
      assert.strictEqual(saved(home).workspace, second.id)
      assert.strictEqual((yield* run("workspaces", "delete", second.slug, "--confirm", second.slug)).exit, 0)
      assert.isUndefined(saved(home).workspace)
    }))

  it.live("A-10 a person who is in no workspace learns what to do", () =>
    Effect.gen(function*() {
      const { join, team } = yield* startTeam
      const bob = yield* join("Bob")
      assert.strictEqual((yield* bob.run("workspaces", "leave")).left.slug, team.slug)
      const none = yield* runMuster(["runtimes"], { home: bob.home })
      assert.strictEqual(none.code, 4)
      assert.include(
        none.stderr,
        "next:  create one (muster workspaces create NAME), or ask an admin of one for an invitation\n"
      )
      assert.deepStrictEqual((yield* bob.run("workspaces", "list")).workspaces, [])
      assert.isNull((yield* bob.run("whoami")).workspace)
    }))
})
