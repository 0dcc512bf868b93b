import { Data } from "effect"
import type { Ending } from "./ProcessTree.ts"

/** The command never ran: it is missing, not executable, or the machine has no room for one more process. */
export class SpawnFailed extends Data.TaggedError("SpawnFailed")<{
  readonly command: string
  /** One sentence for a person. */
  readonly message: string
}> {}

const sentences: Record<string, string> = {
  ENOENT: "there is no such file, or its interpreter or working directory is missing",
  EACCES: "this user may not run it",
  ENOEXEC: "it is not a program for this machine",
  ENOTDIR: "a part of its path is not a folder",
  EMFILE: "this process has too many open files",
  EAGAIN: "the machine has no room for one more process",
  ENOMEM: "the machine has no memory for one more process"
}

export const spawnFailed = (command: string, cause: unknown): SpawnFailed => {
  const error = cause as NodeJS.ErrnoException
  const why = sentences[error.code ?? ""] ?? error.message
  return new SpawnFailed({ command, message: `cannot start ${command}: ${why}` })
}

/** The name of the shell below in its error messages. */
const mark = "muster-start:"

/** Returns the error of a shell's exit code. */
const codes: Record<number, string> = { 126: "EACCES", 127: "ENOENT" }

/**
 * Returns a shell that is replaced by `command`. Node's only thread waits until a child has opened its program, so a program on
 * a disk that does not answer would stop the whole daemon. The shell is on the system's disk, so only the child waits for the
 * program. The shell enters the working directory for the same reason. It removes what it adds to the environment.
 */
export const throughShell = (command: string, args: ReadonlyArray<string>, cwd: string | undefined) => ({
  command: "/bin/sh",
  args: [
    "-c",
    "unset OLDPWD SHLVL; [ -z \"$1\" ] || cd -- \"$1\" || exit 127; shift; unset PWD OLDPWD; exec \"$@\"",
    mark.slice(0, -1),
    cwd ?? "",
    command,
    ...args
  ]
})

/** Returns why `command` never ran, as the shell reports it; undefined if it ran. `stderr`: the shell's output. */
export const startFailure = (command: string, { exitCode }: Ending, stderr: string): SpawnFailed | undefined =>
  exitCode !== null && exitCode in codes && stderr.startsWith(mark)
    ? spawnFailed(command, { code: codes[exitCode] })
    : undefined
