import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { exitCodes } from "../src/failure/ExitCode.ts"
import { runMuster } from "./support/runMuster.ts"

const commands = [
  "dev",
  "server",
  "daemon",
  "login",
  "token",
  "audit",
  "runtimes",
  "open",
  "models",
  "skills",
  "ping",
  "requests",
  "explain",
  "update",
  "members",
  "invite",
  "workspaces",
  "whoami",
  "logout",
  "doctor",
  "completion"
]

const wrong: ReadonlyArray<readonly [string, ReadonlyArray<string>, RegExp]> = [
  [
    "an unknown command",
    ["modls"],
    /^error: Unknown subcommand "modls".*; did you mean: models\nnext: {2}see the usage: muster --help\n$/
  ],
  [
    "an unknown flag",
    ["runtimes", "--workspac"],
    /^error: Unrecognized flag: --workspac in command muster runtimes; did you mean: --workspace\n/
  ],
  [
    "a missing argument",
    ["models"],
    /^error: Missing required argument: runtime\nnext: {2}see the usage: muster models --help\n$/
  ],
  [
    "an invalid port",
    ["dev", "--port", "70000"],
    /^error: --port does not accept "70000": use a whole number from 0 to 65535 \(--port, or the variable PORT\)\n/
  ],
  ["an unknown shell", ["completion", "tcsh"], /^error: <shell> does not accept "tcsh": use bash, zsh or fish\n/]
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

  it.live.each(
    [
      [["requests", "--limit", "0"], {}, "--limit does not accept \"0\": use a whole number from 1 to 100"],
      [["requests", "--limit", "abc"], {}, "--limit does not accept \"abc\": use a whole number from 1 to 100"],
      [["requests", "--limit", "1.5"], {}, "--limit does not accept \"1.5\": use a whole number from 1 to 100"],
      [["daemon", "logs", "--lines", "-1"], {}, "--lines does not accept \"-1\": use a whole number from 0 to 100000"],
      [
        ["server", "--drain", "601"],
        {},
        "--drain does not accept \"601\": use a whole number from 0 to 600 (--drain, or the variable MUSTER_DRAIN_SECONDS)"
      ],
      [
        ["server"],
        { PORT: "abc" },
        "--port does not accept \"abc\": use a whole number from 0 to 65535 (--port, or the variable PORT)"
      ],
      [["dev", "--log-format", "xml"], {}, "--log-format does not accept \"xml\": use pretty, json or logfmt"],
      [
        ["dev"],
        { MUSTER_LOG_FORMAT: "xml" },
        "the variable MUSTER_LOG_FORMAT has a value that is not accepted: use pretty, json or logfmt"
      ]
    ] as const
  )("F-24 `muster %s` with %o states what is accepted", ([args, env, sentence]) =>
    Effect.gen(function*() {
      const { code, stderr } = yield* runMuster(args, { env })
      assert.strictEqual(stderr.split("\n")[0], `error: ${sentence}`)
      assert.strictEqual(code, exitCodes.usage)
    }))

  it.live("F-24 the version is JSON with --json", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* runMuster(["--version", "--json"])
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(Object.keys(JSON.parse(stdout)), ["name", "version"])
      assert.match((yield* runMuster(["--version"])).stdout, /^muster v\d/)
    }))

  it.live("F-24 there is one set of completions", () =>
    Effect.gen(function*() {
      assert.notInclude((yield* runMuster(["--help"])).stdout, "--completions")
      assert.strictEqual((yield* runMuster(["--completions", "bash"])).code, exitCodes.usage)
    }))

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
