import { Effect } from "effect"
import { spawn } from "node:child_process"
import { RedisError } from "./RedisError.ts"

/** A running server. */
export interface Running {
  readonly pid: number
  readonly signal: (signal: NodeJS.Signals) => void
  /** Settles when the program has ended. */
  readonly ended: Promise<void>
}

/** How much of a program's latest output an error repeats, in characters. */
const keptOutput = 4_000

/**
 * Starts the program in this folder; completes when it has written `ready`, fails with its last output when it ends
 * before.
 */
export const launch = (
  program: string,
  args: ReadonlyArray<string>,
  folder: string,
  ready: string
): Effect.Effect<Running, RedisError> =>
  Effect.callback((resume) => {
    const child = spawn(program, args, {
      cwd: folder,
      env: { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" },
      // A process group of its own: Ctrl-C in the terminal is for the test runner, which then ends the server in order.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"]
    })
    const ended = new Promise<void>((resolve) => void child.once("close", () => resolve()))
    const fault = (how: string, cause?: unknown) =>
      Effect.fail(new RedisError({ message: `${program} ${how}: ${output.trim()}`, cause }))
    let output = ""
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        output = (output + chunk).slice(-keptOutput)
        const { pid } = child
        if (pid === undefined || !output.includes(ready)) return
        resume(Effect.succeed({ pid, ended, signal: (signal) => void child.kill(signal) }))
      })
    }
    child.once("error", (cause) => resume(fault("could not be started", cause)))
    child.once("close", (code) => resume(fault(`ended with exit code ${code}`)))
    return Effect.sync(() => void child.kill("SIGKILL"))
  })
