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

/** What the shell below is called in its own complaints. */
const mark = "muster-start:"

/** Returns the error of a shell's exit code. */
const codes: Record<number, string> = { 126: "EACCES", 127: "ENOENT" }

/**
 * A shell that turns into `command`. Node waits, with its only thread, until a child that it starts has opened its program:
 * one on a disk that does not answer would stop the whole daemon. The shell is on the system's disk, so the wait for the
 * program is the child's own. The working directory is entered there for the same reason. What the shell adds to the
 * environment is taken away.
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

/** Returns why `command` never ran, as the shell reports it; undefined: it ran. `stderr`: the shell's output. */
export const startFailure = (command: string, { exitCode }: Ending, stderr: string): SpawnFailed | undefined =>
  exitCode !== null && exitCode in codes && stderr.startsWith(mark)
    ? spawnFailed(command, { code: codes[exitCode] })
    : undefined
