import { Effect, type Scope } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { chownSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

/** A folder for one server, removed at the latest with this process. */
export interface ServerFolder {
  readonly path: string
  /** Names the process (or none) that must end with this one. */
  readonly guard: (pid: number | undefined) => void
}

/**
 * A killed process runs no finalizer, and no system call requests a child's end from here. So a shell holds the other
 * end of a pipe: it reads the id of the process to guard, line by line, and once the pipe ends, because this process
 * closed it or ended in any way, it sends that process the signal and removes the folder. Its own process group keeps a
 * terminal's Ctrl-C away from it.
 */
const watchdog = `
while read -r line; do pid=$line; done
if [ -n "$pid" ] && kill -s "$2" "$pid" 2>/dev/null; then
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
fi
rm -rf "$1"
`

/**
 * Whether every user may enter the folder; a temporary folder of root's own (as pam_tmpdir makes them) is closed to
 * others.
 */
const isOpen = (folder: string): boolean =>
  (statSync(folder).mode & 0o001) !== 0 && (folder === dirname(folder) || isOpen(dirname(folder)))

export interface ServerFolderOptions {
  /** The prefix of the folder's name. */
  readonly prefix: string
  /** The signal that ends the server immediately, as `kill -s` names it. */
  readonly signal: "KILL" | "QUIT"
  /** The owner of the folder; this user by default. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
}

const make = ({ owner, prefix, signal }: ServerFolderOptions) => {
  const parent = owner === undefined || isOpen(tmpdir()) ? tmpdir() : "/tmp"
  const path = mkdtempSync(join(parent, prefix))
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid)
  const guardian = spawn("/bin/sh", ["-c", watchdog, "watchdog", path, signal], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"]
  })
  guardian.stdin.on("error", () => undefined) // it was killed: then nothing guards, and the finalizer still cleans up
  guardian.on("error", () => undefined)
  guardian.unref()
  return { path, guardian, guard: (pid: number | undefined) => void guardian.stdin.write(`${pid ?? ""}\n`) }
}

/** Makes a folder that is removed when the scope closes, and also when this process ends in any other way. */
export const serverFolder = <E>(
  options: ServerFolderOptions,
  onFailure: (cause: unknown) => E
): Effect.Effect<ServerFolder, E, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({ try: () => make(options), catch: onFailure }),
    ({ path, guardian }) =>
      Effect.promise(async () => {
        guardian.ref()
        const ended = guardian.exitCode === null && guardian.pid !== undefined ? once(guardian, "exit") : undefined
        guardian.stdin.end()
        await ended
        rmSync(path, { recursive: true, force: true })
      })
  )
