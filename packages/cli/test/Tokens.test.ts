import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { exitCodes } from "../src/failure/ExitCode.ts"
import { startMemoryServer } from "./support/MemoryServer.ts"
import { runMuster } from "./support/runMuster.ts"

const day = 86_400_000
const words = (text: string) => text.trim().split(/\s+/)

describe("muster token", () => {
  it.live("A-05 create prints the secret alone to stdout; it has the scopes and the end that were asked for", () =>
    Effect.gen(function*() {
      const { owner, signedInWith } = yield* startMemoryServer
      const made = yield* runMuster(
        ["token", "create", "--name", "ci", "--scope", "ask", "--scope", "run", "--expires", "30"],
        owner
      )
      assert.strictEqual(made.code, 0)
      assert.match(made.stdout, /^mul_[0-9a-f]{40}\n$/)
      assert.match(
        made.stderr,
        /^Created the token ci \(read,ask,run\), which ends on \d{4}-\d\d-\d\d\. This is the only/
      )
      const asks = signedInWith(made.stdout.trim())
      assert.strictEqual((yield* runMuster(["runtimes"], asks)).code, 0)
      const refused = yield* runMuster(["token", "create", "--name", "more"], asks)
      assert.strictEqual(refused.code, exitCodes.refused)
      assert.match(
        refused.stderr,
        /needs the scope admin, and this token has read, ask, run: use a token with that scope/
      )
      assert.match(refused.stderr, /\nnext: {2}sign in with a token that has the scope: muster login/)
    }))

  it.live("A-05 list shows name, scopes, end and use of each, and revoke ends one by its name or its beginning", () =>
    Effect.gen(function*() {
      const { owner } = yield* startMemoryServer
      const secrets: Array<string> = []
      for (const name of ["one", "two"]) {
        secrets.push((yield* runMuster(["token", "create", "--name", name, "--expires", "never"], owner)).stdout.trim())
      }
      const listed = (yield* runMuster(["token", "list"], owner)).stdout.trimEnd().split("\n")
      assert.deepStrictEqual(words(listed[0]!), ["ID", "NAME", "SCOPES", "PREFIX", "ENDS", "USED"])
      assert.deepStrictEqual(words(listed[1]!).slice(1), [
        "two",
        "read,ask,run,admin",
        secrets[1]!.slice(0, 12),
        "never",
        "never"
      ])
      const revoked = yield* runMuster(["token", "revoke", "one"], owner)
      assert.strictEqual(revoked.stdout, "Revoked one, and all that was made with it.\n")
      assert.strictEqual((yield* runMuster(["token", "revoke", secrets[1]!, "--json"], owner)).code, 0)
      const { tokens } = JSON.parse((yield* runMuster(["token", "list", "--json"], owner)).stdout)
      assert.deepStrictEqual(tokens.map(({ name }: { name: string }) => name), ["owner of this installation"])
      const again = yield* runMuster(["token", "revoke", "one"], owner)
      assert.strictEqual(again.code, exitCodes.notFound)
      assert.strictEqual(again.stderr, "error: you have no token \"one\"\nnext:  list them: muster token list\n")
    }))

  it.live("A-05 a name of several tokens is refused with their ids", () =>
    Effect.gen(function*() {
      const { owner } = yield* startMemoryServer
      for (let n = 0; n < 2; n++) yield* runMuster(["token", "create", "--name", "ci"], owner)
      const { code, stdout } = yield* runMuster(["token", "revoke", "ci", "--json"], owner)
      assert.strictEqual(code, exitCodes.usage)
      assert.strictEqual(JSON.parse(stdout).candidates.length, 2)
    }))

  it.live("A-05 every command warns once on stderr of a token that ends within 14 days; renewing it ends that", () =>
    Effect.gen(function*() {
      const { signedInWith, tokenOf } = yield* startMemoryServer
      const soon = signedInWith((yield* tokenOf("laptop", (yield* Clock.currentTimeMillis) + 9 * day)).secret)
      // `skills library` makes two calls: for the workspace and for the list.
      for (const args of [["runtimes"], ["skills", "library", "--json"]]) {
        const { code, stderr } = yield* runMuster(args, soon)
        assert.strictEqual(code, 0)
        const warnings = stderr.split("\n").filter((line) => line.startsWith("warning:"))
        assert.strictEqual(warnings.length, 1)
        assert.match(
          warnings[0]!,
          /^warning: your token ends in 9 days, on \d{4}-\d\d-\d\d; renew it: muster token renew$/
        )
      }
      const renewed = yield* runMuster(["token", "renew"], soon)
      assert.match(renewed.stdout, /^Renewed laptop: it ends on \d{4}-\d\d-\d\d\. Its secret stays the same\.\n$/)
      assert.strictEqual(renewed.stderr, "")
      assert.notInclude((yield* runMuster(["runtimes"], soon)).stderr, "warning:")
    }))

  it.live("A-05 renew takes a name and days, and says why where it cannot", () =>
    Effect.gen(function*() {
      const { owner, tokenOf } = yield* startMemoryServer
      const now = yield* Clock.currentTimeMillis
      yield* tokenOf("ci", now + day)
      const { stdout } = yield* runMuster(["token", "renew", "ci", "--expires", "400", "--json"], owner)
      const end = Date.parse(JSON.parse(stdout).expires_at)
      assert.isAbove(end, now + 399 * day)
      const own = yield* runMuster(["token", "renew"], owner)
      assert.strictEqual(own.code, exitCodes.usage)
      assert.match(own.stderr, /this token never ends: it needs no renewal/)
    }))

  it.live.each(
    [
      [
        ["create", "--name", "a", "--expires", "0"],
        "--expires does not accept \"0\": use never, or a whole number from 1 to 36500"
      ],
      [["renew", "--expires", "never"], "--expires does not accept \"never\": use a whole number from 1 to 36500"],
      [["create", "--name", "a", "--scope", "write"], "--scope does not accept \"write\": use read, ask, run or admin"]
    ] as const
  )("F-24 `muster token %s` states what is accepted", ([args, sentence]) =>
    Effect.gen(function*() {
      const { code, stderr } = yield* runMuster(["token", ...args])
      assert.deepStrictEqual([code, stderr.split("\n")[0]], [exitCodes.usage, `error: ${sentence}`])
    }))
})

describe("muster audit", () => {
  it.live("A-07 lists, filters and exports the log", () =>
    Effect.gen(function*() {
      const { owner } = yield* startMemoryServer
      for (const name of ["one", "two", "three"]) yield* runMuster(["token", "create", "--name", name], owner)
      yield* runMuster(["token", "revoke", "two"], owner)
      const listed = yield* runMuster(["audit"], owner)
      const rows = listed.stdout.trimEnd().split("\n")
      assert.deepStrictEqual(words(rows[0]!), ["TIME", "WHO", "ACTION", "WHAT", "FROM", "DETAILS"])
      assert.match(
        rows[1]!,
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}Owner {2}token\.revoke +token [0-9a-f-]{36} +127\.0\.0\.1 +revoked=1$/
      )
      assert.strictEqual(rows.length, 5)
      const names = (text: string) =>
        text.trimEnd().split("\n").map((line) => JSON.parse(line) as { target: { name: string } }).map(({ target }) =>
          target.name
        )
      const exported = yield* runMuster(["audit", "--jsonl", "--action", "token.create", "--since", "1h"], owner)
      assert.deepStrictEqual(names(exported.stdout), ["three", "two", "one"])
      const one = yield* runMuster(["audit", "--json", "--target", "one"], owner)
      assert.strictEqual(JSON.parse(one.stdout).events.length, 1)
      const some = yield* runMuster(["audit", "--limit", "2"], owner)
      assert.strictEqual(some.stdout.trimEnd().split("\n").length, 3)
      assert.strictEqual(some.stderr, "There are more: --limit 4\n")
      const none = yield* runMuster(["audit", "--until", "2020-01-01T00:00:00Z"], owner)
      assert.deepStrictEqual([none.code, none.stdout, none.stderr], [0, "", "There are no such events.\n"])
      const wrong = yield* runMuster(["audit", "--since", "yesterday"], owner)
      assert.deepStrictEqual([wrong.code, wrong.stderr.split("\n")[0]], [
        exitCodes.usage,
        "error: --since does not accept \"yesterday\": use a time such as 2026-01-31T12:00:00Z, or 30min, 12h, 7d"
      ])
    }))
})
