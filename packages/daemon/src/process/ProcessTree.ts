import { Deferred, Effect, Exit, type Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import type { Readable, Writable } from "node:stream"
import { signalGroup, terminateTree } from "./ProcessGroup.ts"
import { type SpawnFailed, spawnFailed, throughShell } from "./Starter.ts"

/** How a process ended: by its own exit code, or by a signal. */
export interface Ending {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

/** A running child and all processes that it starts. */
export interface ProcessTree {
  readonly command: string
  readonly pid: number
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Completes when the leader ended; other processes of the tree may still run and hold the pipes. */
  readonly exited: Effect.Effect<Ending>
  /** Completes when the leader ended and both pipes are at their end. Requires that both are read. */
  readonly closed: Effect.Effect<void>
}

export interface SpawnOptions {
  /** The whole environment; nothing is added, and PWD, OLDPWD and SHLVL are removed. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string | undefined
}

const alive = new Set<number>()
const killAll = () => alive.forEach((leader) => signalGroup(leader, "SIGKILL"))

/** A process group survives the daemon unless it is ended: the last resort if the daemon's scopes did not close. */
const remember = (leader: number) => {
  if (alive.size === 0) process.on("exit", killAll)
  alive.add(leader)
}

const forget = (leader: number) => {
  alive.delete(leader)
  if (alive.size === 0) process.off("exit", killAll)
}

interface Started {
  readonly child: ChildProcess
  readonly started: Deferred.Deferred<void, SpawnFailed>
  readonly exited: Deferred.Deferred<Ending>
  readonly closed: Deferred.Deferred<void>
}

const start = (command: string, args: ReadonlyArray<string>, options: SpawnOptions): Started => {
  const started = Deferred.makeUnsafe<void, SpawnFailed>()
  const exited = Deferred.makeUnsafe<Ending>()
  const closed = Deferred.makeUnsafe<void>()
  const shell = throughShell(command, args, options.cwd)
  const child = spawn(shell.command, shell.args, {
    env: { ...options.env },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true
  })
  child.once("spawn", () => Deferred.doneUnsafe(started, Exit.void))
  child.on("error", (error) => Deferred.doneUnsafe(started, Exit.fail(spawnFailed(command, error))))
  child.once("exit", (exitCode, signal) => Deferred.doneUnsafe(exited, Exit.succeed({ exitCode, signal })))
  child.once("close", () => Deferred.doneUnsafe(closed, Exit.void))
  // A pipe breaks when the child ends first; `exited` reports that.
  for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.on("error", () => {})
  return { child, started, exited, closed }
}

const end = ({ child }: Started) =>
  terminateTree(child.pid!).pipe(Effect.andThen(Effect.sync(() => {
    // A process that left the group may still hold the other ends. Ours are closed, so that nothing leaks.
    for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.destroy()
    child.unref()
    forget(child.pid!)
  })))

/**
 * Starts `command` as the leader of a process group of its own; when the scope closes, the whole tree ends (see
 * `terminateTree`) and the pipes are closed. It is started through a shell (see `throughShell`); `startFailure` reads the
 * shell's error about a command that cannot be started.
 *
 * Uses `node:child_process`: `NodeChildProcessSpawner` keeps our ends of the pipes open while a stray grandchild holds the
 * others, waits without a limit for the leader's exit, and uses the fiber's clock for SIGKILL.
 */
export const spawnTree = (
  command: string,
  args: ReadonlyArray<string>,
  options: SpawnOptions
): Effect.Effect<ProcessTree, SpawnFailed, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => start(command, args, options),
      catch: (cause) => spawnFailed(command, cause)
    }).pipe(
      Effect.tap((started) => Deferred.await(started.started)),
      Effect.tap(({ child }) => Effect.sync(() => remember(child.pid!)))
    ),
    end
  ).pipe(Effect.map(({ child, closed, exited }) => ({
    command,
    pid: child.pid!,
    stdin: child.stdin!,
    stdout: child.stdout!,
    stderr: child.stderr!,
    exited: Deferred.await(exited),
    closed: Deferred.await(closed)
  })))
