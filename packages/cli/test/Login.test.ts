import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { token, user, workspace } from "./support/Fixtures.ts"
import { makeHome, profileOf, runMuster } from "./support/runMuster.ts"
import { scriptedServer } from "./support/ScriptedServer.ts"

const workspaces = [workspace("e", "home"), workspace("f", "work")]
const savedIn = (home: string) => JSON.parse(readFileSync(profileOf(home), "utf8"))

describe("muster login", () => {
  it.live("checks a token from a pipe and saves it for its owner only, with the first workspace", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ workspaces })
      const home = yield* makeHome
      const { code, stdout } = yield* runMuster(["login", "--server", `${server.url}/`], { home, stdin: `${token}\n` })
      assert.strictEqual(code, 0)
      assert.include(stdout, `Signed in to ${server.url} as Ada (ada@example.com); saved in ~/.muster/profile.json`)
      assert.match(stdout, /^ {2}\* home /m)
      assert.deepStrictEqual(savedIn(home), { server_url: server.url, token, workspace: workspaces[0]!.id })
      assert.strictEqual(statSync(profileOf(home)).mode & 0o777, 0o600)
      assert.deepStrictEqual(readdirSync(`${home}/.muster`), ["profile.json"])
    }))

  it.live("later commands use what it saved", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ workspaces })
      const home = yield* makeHome
      yield* runMuster(["login", "--server", server.url, "--token", token, "--workspace", "work"], { home })
      const { code } = yield* runMuster(["runtimes"], { home })
      const requests = yield* server.requests
      assert.strictEqual(code, 0)
      assert.strictEqual(requests.at(-1)!.headers["x-workspace-id"], workspaces[1]!.id)
    }))

  it.live("C-06 a wrong token is one sentence, exit code 3, and nothing is saved", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ workspaces })
      const home = yield* makeHome
      const { code, stderr, stdout } = yield* runMuster(["login", "--server", server.url, "--token", "mul_wrong"], {
        home
      })
      assert.strictEqual(code, 3)
      assert.strictEqual(stdout, "")
      assert.match(stderr, /^error: the server at \S+ does not accept the token \(invalid token\)\nnext: {2}[^\n]+\n$/)
      assert.isFalse(existsSync(profileOf(home)))
    }))

  it.live("a failed login does not change the old profile", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ workspaces })
      const home = yield* makeHome
      yield* runMuster(["login", "--server", server.url, "--token", token], { home })
      const before = savedIn(home)
      const wrong = yield* runMuster(["login", "--token", token, "--workspace", "theirs"], { home })
      assert.strictEqual(wrong.code, 4)
      assert.include(wrong.stderr, "choose one of: home, work")
      assert.deepStrictEqual(savedIn(home), before)
    }))

  it.live("C-06 --json prints who signed in where, and never the token", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ workspaces })
      const home = yield* makeHome
      const { stdout } = yield* runMuster(["login", "--server", server.url, "--token", token, "--json"], { home })
      assert.deepInclude(JSON.parse(stdout), { server_url: server.url, user, workspace: workspaces[0]!.id })
      assert.notInclude(stdout, token)
    }))

  it.live("C-06 does not prompt if stdout is for a program", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* runMuster(["login", "--json"], { terminal: true })
      assert.strictEqual(code, 2)
      assert.strictEqual(JSON.parse(stdout).code, "no_token")
    }))

  it.live("A-09 without a token, the next step names the page that makes one", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* runMuster(["login", "--server", "https://muster.example.com/"])
      assert.strictEqual(code, 2)
      assert.include(stderr, "next:  create one at https://muster.example.com/settings, then pipe it in")
    }))

  it.live.each(
    [
      ["no token at all", ["login"], "", "no_token"],
      ["a token of several words", ["login"], "not a token", "invalid_token"],
      ["an endless input instead of a token", ["login"], "x".repeat(10_000), "invalid_token"],
      ["no URL", ["login", "--server", "localhost:8080", "--token", token], "", "invalid_server_url"],
      [
        "a URL with a password",
        ["login", "--server", "http://a:b@localhost", "--token", token],
        "",
        "invalid_server_url"
      ]
    ] as const
  )("C-06 refuses %s as wrong usage", ([, args, stdin, code]) =>
    Effect.gen(function*() {
      const outcome = yield* runMuster([...args, "--json"], { stdin })
      assert.strictEqual(outcome.code, 2)
      assert.strictEqual(JSON.parse(outcome.stdout).code, code)
    }))
})
