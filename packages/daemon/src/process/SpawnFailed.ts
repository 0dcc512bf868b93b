import { Data } from "effect"

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
