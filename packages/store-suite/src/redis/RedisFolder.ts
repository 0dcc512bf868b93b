import { Effect, type Scope } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { RedisError } from "./RedisError.ts"

/** A folder for one server, which outlives nobody. */
export interface RedisFolder {
  readonly path: string
  /** Names the process (or none) that has to die with this one. */
  readonly guard: (pid: number | undefined) => void
}

/**
 * A process that is killed runs no finalizer, and no system call asks for a child's death from here. So a shell holds
 * the other end of a pipe: it reads the id of the process to guard, line by line, and once the pipe ends, because this
 * process closed it or died of whatever, it kills that process and removes the folder. Its own process group keeps a
 * terminal's Ctrl-C away from it.
 */
const watchdog = `
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then kill -KILL "$pid" 2>/dev/null; fi
rm -rf "$1"
`

const make = () => {
  const path = mkdtempSync(join(tmpdir(), "muster-redis-"))
  const guardian = spawn("/bin/sh", ["-c", watchdog, "watchdog", path], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"]
  })
  guardian.stdin.on("error", () => undefined) // it was killed: then nobody guards, and the finalizer still cleans up
  guardian.on("error", () => undefined)
  guardian.unref()
  return { path, guardian, guard: (pid: number | undefined) => void guardian.stdin.write(`${pid ?? ""}\n`) }
}

/** Makes a folder that is gone when the scope closes, and also when this process ends in any other way. */
export const redisFolder: Effect.Effect<RedisFolder, RedisError, Scope.Scope> = Effect.acquireRelease(
  Effect.try({
    try: make,
    catch: (cause) => new RedisError({ message: "No temporary folder could be made for Redis", cause })
  }),
  ({ path, guardian }) =>
    Effect.promise(async () => {
      guardian.ref()
      const ended = guardian.exitCode === null && guardian.pid !== undefined ? once(guardian, "exit") : undefined
      guardian.stdin.end()
      await ended
      rmSync(path, { recursive: true, force: true })
    })
)
