import { Cause, Console, Effect, Exit, Option, Ref } from "effect"
import { CliConfig, CliError, CliOutput, Command, Completions, GlobalFlag, type HelpDoc } from "effect/cli"
import { TokenNotice } from "./api/TokenNotice.ts"
import { audit } from "./command/Audit.ts"
import { backup, restore } from "./command/Backup.ts"
import { completion } from "./command/Completion.ts"
import { daemon } from "./command/Daemon.ts"
import { dev } from "./command/Dev.ts"
import { doctor } from "./command/Doctor.ts"
import { explain } from "./command/Explain.ts"
import { join } from "./command/Join.ts"
import { login } from "./command/Login.ts"
import { machines } from "./command/Machines.ts"
import { models } from "./command/Models.ts"
import { invite, logout, members, whoami, workspaces } from "./command/People.ts"
import { ping } from "./command/Ping.ts"
import { repos } from "./command/Repos.ts"
import { requests } from "./command/Requests.ts"
import { muster } from "./command/Root.ts"
import { run as runCommand } from "./command/Run.ts"
import { open, runtimes } from "./command/Runtimes.ts"
import { server } from "./command/Server.ts"
import { skills } from "./command/Skills.ts"
import { folders, tasks } from "./command/Tasks.ts"
import { tokens } from "./command/Token.ts"
import { update } from "./command/Update.ts"
import { report } from "./failure/Report.ts"
import { toFailure } from "./failure/Report.ts"
import { jsonText } from "./output/Text.ts"
import { InterruptedCode } from "./service/Lifetime.ts"
import { version } from "./Version.ts"

const cli = muster.pipe(
  Command.withSubcommands([
    { group: "Ask", commands: [runtimes, open, models, skills, ping, requests, explain, update] },
    { group: "Work", commands: [runCommand, tasks, folders] },
    { group: "Run", commands: [dev, server, daemon, backup, restore] },
    { group: "People", commands: [members, invite, workspaces, repos, whoami, tokens, audit] },
    { group: "Set up", commands: [login, logout, machines, join, doctor, completion] }
  ])
)

const runCli = Command.runWith(cli, { version })

export const completionScript = (shell: Completions.Shell): string =>
  Completions.generate("muster", shell, Completions.fromCommand(cli))

/** Presents help unchanged and, with --json, the version as JSON. Usage errors are reported like all other failures. */
const presenterFor = (json: boolean): CliOutput.Presenter => ({
  present: (event) => {
    if (event._tag === "InvalidInvocation") return Effect.void
    if (event._tag === "Version" && json) return Console.log(jsonText({ name: event.name, version: event.version }))
    return CliOutput.defaultPresenter.present(event)
  }
})

/** The library's global flags without --completions: `muster completion` prints the scripts. */
const config = CliConfig.make({
  builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Wizard, GlobalFlag.LogLevel]
})

/** The help of a command, as data, by its words after `muster`; without words, that of `muster`. Undefined: no such command. */
export const helpOf = Effect.fnUntraced(function*(words: ReadonlyArray<string>) {
  let help: HelpDoc.HelpDoc | undefined
  const present = (event: CliOutput.Presenter.Event) => {
    if (event._tag === "Help") help = event.helpDoc
    return Effect.void
  }
  yield* Effect.exit(runCli([...words, "--help"])).pipe(
    Effect.provideService(CliOutput.Presenter, { present }),
    Effect.provideService(CliConfig.CliConfig, config),
    Effect.provideService(TokenNotice, { said: false })
  )
  return help
})

/** The arguments before `--`; what follows it contains no flags. */
const flagsOf = (args: ReadonlyArray<string>) => args.includes("--") ? args.slice(0, args.indexOf("--")) : args

const wantsJson = (args: ReadonlyArray<string>) => flagsOf(args).includes("--json")

const wantsDetails = (args: ReadonlyArray<string>) => /--log-level[ =](all|trace|debug)/.test(flagsOf(args).join(" "))

const isHelp = (cause: Cause.Cause<unknown>) => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  return CliError.isCliError(error) && error._tag === "ShowHelp" && error.errors.length === 0
}

/**
 * Runs a command line and returns its exit code; a failure has been reported by then. Only the command itself can be
 * interrupted: a caller that needs the exit code of an interrupted command must be uninterruptible.
 */
export const run = Effect.fnUntraced(
  function*(args: ReadonlyArray<string>) {
    const command = runCli(args).pipe(
      Effect.provideService(CliOutput.Presenter, presenterFor(wantsJson(args))),
      Effect.provideService(CliConfig.CliConfig, config),
      Effect.provideServiceEffect(TokenNotice, Effect.sync(() => ({ said: false })))
    )
    const exit = yield* Effect.exit(Effect.interruptible(command))
    if (Exit.isSuccess(exit) || isHelp(exit.cause)) return 0
    if (Cause.hasInterruptsOnly(exit.cause)) return yield* Ref.get(yield* InterruptedCode)
    if (wantsDetails(args)) yield* Console.error(Cause.pretty(exit.cause))
    const failure = toFailure(exit.cause)
    yield* report(failure, wantsJson(args))
    return failure.exitCode
  },
  (effect) => Effect.provideServiceEffect(effect, InterruptedCode, Ref.make(130)),
  Effect.uninterruptible
)
