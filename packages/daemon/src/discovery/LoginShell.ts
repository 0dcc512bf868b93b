import { Effect, Result } from "effect"
import { basename, isAbsolute } from "node:path"
import type { Environment } from "../process/HostEnvironment.ts"
import { childEnvironment } from "../process/HostEnvironment.ts"
import { run } from "../process/Run.ts"
import { executablesAmong } from "./Executable.ts"

/** Shells that understand the script below. Source: `docs/protocol.md` 15.1. */
const shells = new Set(["bash", "zsh", "sh", "dash", "ksh"])

/** Separates the result from what the person's start files print. */
const mark = "muster-found:"

/** Words that need no quoting in the script. */
const plain = /^[\w.-]+$/

const lookUp = (command: string) =>
  `unalias ${command} 2>/dev/null; unset -f ${command} 2>/dev/null; ` +
  `printf '\\n${mark}%s=%s\\n' ${command} "$(command -v ${command} 2>/dev/null)"`

const readLine = (line: string) => {
  const [, command, path] = new RegExp(`^${mark}([^=]+)=(.+)$`).exec(line.trimEnd()) ?? []
  return command !== undefined && path !== undefined && isAbsolute(path) ? [[command, path] as const] : []
}

/**
 * Asks the person's login shell, once for all `commands`, for their paths: a daemon that was not started from a terminal has
 * another PATH. Aliases and functions do not count. Takes at most 3 s; a shell that fails finds nothing.
 */
export const inLoginShell = (
  commands: ReadonlyArray<string>,
  host: Environment
): Effect.Effect<ReadonlyMap<string, string>> =>
  Effect.gen(function*() {
    const shell = host["SHELL"] ?? ""
    const wanted = commands.filter((command) => plain.test(command))
    if (wanted.length === 0 || !isAbsolute(shell) || !shells.has(basename(shell))) return new Map<string, string>()
    const script = wanted.map(lookUp).join("; ")
    const asked = yield* Effect.result(
      run(shell, ["-ilc", script], { env: childEnvironment(host, shell), timeout: "3 seconds" })
    )
    // What it found before the timeout counts.
    const lines = Result.isSuccess(asked) ? asked.success.stdout.split("\n") : []
    const found = lines.flatMap(readLine).filter(([command]) => wanted.includes(command))
    const usable = yield* executablesAmong(found.map(([, path]) => path))
    return new Map(found.filter(([, path]) => usable.has(path)))
  })
