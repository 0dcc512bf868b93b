import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { exitCodes } from "../src/failure/ExitCode.ts"
import { runMuster } from "./support/runMuster.ts"

const commands = [
  "dev",
  "server",
  "daemon",
  "login",
  "runtimes",
  "models",
  "skills",
  "ping",
  "requests",
  "explain",
  "update",
  "doctor",
  "completion"
]

const wrong: ReadonlyArray<readonly [string, ReadonlyArray<string>, RegExp]> = [
  [
    "an unknown command",
    ["modls"],
    /^error: Unknown subcommand "modls".*; did you mean: models\nnext: {2}see how it is used: muster --help\n$/
  ],
  [
    "an unknown flag",
    ["runtimes", "--workspac"],
    /^error: Unrecognized flag: --workspac in command muster runtimes; did you mean: --workspace\n/
  ],
  [
    "a missing argument",
    ["models"],
    /^error: Missing required argument: runtime\nnext: {2}see how it is used: muster models --help\n$/
  ],
  [
    "a port that is none",
    ["dev", "--port", "70000"],
    /^error: Invalid value for flag --port: "70000"\. Expected: a port from 0 to 65535\n/
  ],
  ["an unknown shell", ["completion", "tcsh"], /^error: Invalid value for argument <shell>: "tcsh"\./]
]

describe("the command line", () => {
  it.live.each(wrong)(
    "C-06 %s is one sentence, one next step, exit code 2",
    ([, args, said]) =>
      Effect.gen(function*() {
        const { code, stderr, stdout } = yield* runMuster(args)
        assert.strictEqual(code, exitCodes.usage)
        assert.match(stderr, said)
        assert.strictEqual(stderr.trimEnd().split("\n").length, 2)
        assert.strictEqual(stdout, "")
        const json = yield* runMuster([...args, "--json"])
        assert.strictEqual(JSON.parse(json.stdout).exit_code, exitCodes.usage)
      })
  )

  it.live.each(commands)("C-06 `%s --help` offers --json", (command) =>
    Effect.gen(function*() {
      const { code, stdout } = yield* runMuster([command, "--help"])
      assert.strictEqual(code, 0)
      assert.include(stdout, `muster ${command}`)
      assert.include(stdout, "--json")
    }))

  it.live("without a command, shows all of them", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* runMuster([])
      assert.strictEqual(code, 0)
      for (const command of commands) assert.match(stdout, new RegExp(`^ {2}${command}\\b`, "m"))
    }))

  it.live.each(["bash", "zsh", "fish"])("prints the completion script of %s", (shell) =>
    Effect.gen(function*() {
      const { code, stdout } = yield* runMuster(["completion", shell])
      assert.strictEqual(code, 0)
      for (const word of [...commands, "json", "workspace"]) assert.include(stdout, word)
      const json = yield* runMuster(["completion", shell, "--json"])
      assert.strictEqual(JSON.parse(json.stdout).script, stdout.trimEnd())
    }))
})
