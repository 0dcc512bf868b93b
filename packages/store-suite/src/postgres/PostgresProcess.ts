import { Effect } from "effect"
import { spawn } from "node:child_process"
import { PostgresError } from "./PostgresError.ts"
import { type UserIds } from "./UnprivilegedUser.ts"

/** A program to run: its arguments, its working directory, and its user. */
export interface Command {
  readonly program: string
  readonly args: ReadonlyArray<string>
  readonly folder: string
  readonly user: UserIds | undefined
}

/** A running program. */
export interface Running {
  readonly pid: number
  readonly signal: (signal: NodeJS.Signals) => void
  /** Settles when the program has ended, and all its children that share its output with it. */
  readonly ended: Promise<void>
}

/** How much of a program's latest output an error repeats, in characters. */
const keptOutput = 4_000

/** Removes the machine's locale, time zone and PG* variables from a test. */
const environment = () => ({ PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" })

/**
 * Runs a program until it has written `ready` to its standard error or, without `ready`, has ended with exit code 0. It
 * fails, with the program's own last output, when the program ends otherwise.
 */
export const launch = (command: Command, ready?: string): Effect.Effect<Running, PostgresError> =>
  Effect.callback((resume) => {
    const child = spawn(command.program, command.args, {
      cwd: command.folder,
      env: environment(),
      ...command.user,
      // A process group of its own: Ctrl-C in the terminal is for the test runner, which then stops the server in order.
      detached: true,
      stdio: ["ignore", "ignore", "pipe"]
    })
    const ended = new Promise<void>((resolve) => void child.once("close", () => resolve()))
    const fault = (how: string, cause?: unknown) =>
      Effect.fail(new PostgresError({ message: `${command.program} ${how}: ${output.trim()}`, cause }))
    const succeed = (pid: number) => resume(Effect.succeed({ pid, ended, signal: (signal) => void child.kill(signal) }))
    let output = ""
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      output = (output + chunk).slice(-keptOutput)
      if (ready !== undefined && child.pid !== undefined && output.includes(ready)) succeed(child.pid)
    })
    child.once("error", (cause) => resume(fault("could not be started", cause)))
    child.once("close", (code) => {
      if (ready === undefined && code === 0 && child.pid !== undefined) return succeed(child.pid)
      resume(fault(`ended with exit code ${code}`))
    })
    return Effect.sync(() => void child.kill("SIGKILL"))
  })
