import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { makePerson } from "./support/FakeOpenCode.ts"
import { startReplica } from "./support/Replica.ts"
import { makeHome, profileOf, runMuster } from "./support/runMuster.ts"

const testTimeout = 120_000

/** A server in a process of its own, its owner at the command line, and a colleague with an empty home. */
const startTeam = Effect.gen(function*() {
  const server = yield* makePerson
  const { token, url } = yield* startReplica(server, "data")
  const owner = yield* makeHome
  const ada = yield* makeHome
  yield* runMuster(["login", "--server", url, "--token", token], { home: owner })
  const at = (home: string) => (...args: ReadonlyArray<string>) => runMuster(args, { home })
  const json = (home: string) => (...args: ReadonlyArray<string>) =>
    Effect.map(at(home)(...args, "--json"), ({ code, stderr, stdout }) => {
      assert.strictEqual(code, 0, stderr)
      return JSON.parse(stdout)
    })
  return {
    url,
    token,
    homes: { owner, ada },
    owner: at(owner),
    ada: at(ada),
    ownerJson: json(owner),
    adaJson: json(ada)
  }
})

describe("people at the command line", () => {
  it.live(
    "A-01 A-02 an owner invites by link, a colleague joins once, and the owner changes roles and removes",
    () =>
      Effect.gen(function*() {
        const { ada, adaJson, homes, owner, ownerJson, url } = yield* startTeam
        const { link, role } = yield* ownerJson("invite", "--email", "Ada@example.com")
        assert.match(link, new RegExp(`^${url}/#invite=miv_[0-9a-f]{40}$`))
        assert.strictEqual(role, "member")
        const pending = yield* owner("invite", "list")
        assert.match(pending.stdout, /^ada@example.com +member +Owner +/m)

        const nameless = yield* ada("login", "--invite", link)
        assert.deepStrictEqual([nameless.code, nameless.stderr.split("\n")[0]], [
          2,
          "error: a new account needs your name"
        ])
        const cut = yield* ada("login", "--invite", link.slice(0, -3), "--name", "Ada")
        assert.strictEqual(cut.code, 2)
        assert.include(cut.stderr, "--invite is no invitation link, or a part of it is missing")
        const joined = yield* ada("login", "--invite", link, "--name", "Ada")
        assert.strictEqual(
          joined.stdout,
          `Joined Home on ${url} as Ada (ada@example.com), member; saved in ~/.muster/profile.json\n`
        )
        const again = yield* owner("login", "--invite", link, "--name", "Eve")
        assert.strictEqual(again.code, 3)
        assert.include(again.stderr, "error: this invitation was used already")

        assert.deepInclude(yield* adaJson("whoami"), { server_url: url })
        assert.match(
          (yield* ada("whoami")).stdout,
          /^Ada \(ada@example.com\)\n {2}server .*\n {2}workspace +Home \(home\), member\n/
        )
        const forbidden = yield* ada("invite")
        assert.strictEqual(forbidden.code, 3)
        assert.strictEqual((yield* owner("members", "role", "ada@example.com", "admin")).stdout, "Ada is now admin\n")
        assert.strictEqual((yield* ada("invite", "--role", "admin")).code, 0)
        const last = yield* owner("members", "role", "owner", "member")
        assert.strictEqual(last.code, 2)
        assert.include(last.stderr, "workspace must have at least one owner")

        const { members } = yield* ownerJson("members")
        assert.deepStrictEqual(members.map(({ name, role }: any) => [name, role]), [["Owner", "owner"], [
          "Ada",
          "admin"
        ]])
        const [{ id }] = (yield* ownerJson("invite", "list")).invitations
        assert.strictEqual((yield* owner("invite", "revoke", id.slice(0, 8))).code, 0)
        assert.match((yield* owner("members", "remove", "Ada")).stdout, /^Ada is no longer a member of Home; /)
        assert.deepStrictEqual((yield* adaJson("workspaces")).workspaces, [])
        assert.strictEqual((yield* owner("members", "remove", "nobody")).code, 4)

        assert.match(
          (yield* ada("logout")).stdout,
          new RegExp(`^Signed out of ${url}: ~/.muster/profile.json was removed.\n`)
        )
        assert.isFalse(existsSync(profileOf(homes.ada)))
        assert.strictEqual((yield* ada("logout")).stdout, "You were not signed in\n")
        assert.strictEqual((yield* ada("whoami")).code, 3)
      }),
    testTimeout
  )

  it.live(
    "A-10 workspaces are created, switched, renamed and left; a deletion lists what is lost and needs the slug",
    () =>
      Effect.gen(function*() {
        const { owner, ownerJson } = yield* startTeam
        assert.deepInclude(yield* ownerJson("workspaces", "create", "Über Team"), {
          name: "Über Team",
          slug: "uber-team"
        })
        assert.match((yield* owner("workspaces")).stdout, /^ +home +Home /m)
        assert.match((yield* owner("workspaces")).stdout, /^\* +uber-team +Über Team /m)
        const taken = yield* owner("workspaces", "create", "Home")
        assert.deepStrictEqual([taken.code, taken.stderr.split("\n")[0]], [1, "error: workspace slug already exists"])
        assert.match(
          (yield* owner("workspaces", "rename", "Platform", "--slug", "platform")).stdout,
          /Platform \(platform\)/
        )
        assert.strictEqual((yield* owner("workspaces", "switch", "home")).code, 0)
        assert.strictEqual((yield* ownerJson("whoami")).workspace.slug, "home")
        assert.strictEqual((yield* owner("workspaces", "leave")).code, 2)

        const asked = yield* owner("workspaces", "delete", "platform")
        assert.strictEqual(asked.code, 2)
        assert.match(asked.stderr, /^Platform would be deleted with:\n {2}1 member\nerror: nothing was deleted: /)
        assert.strictEqual((yield* owner("workspaces", "delete", "platform", "--confirm", "home")).code, 2)
        const deleted = yield* owner("workspaces", "delete", "platform", "--confirm", "platform")
        assert.strictEqual(deleted.stdout, "Deleted the workspace Platform and everything in it\n")
        assert.lengthOf((yield* ownerJson("workspaces")).workspaces, 1)
        assert.strictEqual((yield* owner("workspaces", "switch", "platform")).code, 4)
      }),
    testTimeout
  )
})
