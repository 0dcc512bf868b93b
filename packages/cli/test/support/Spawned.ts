import { Deferred, Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { main } from "./Main.ts"
import type { Outcome } from "./runMuster.ts"

/** A `muster` in a process of its own. */
export interface Spawned {
  readonly process: ChildProcess
  readonly said: () => Outcome
  readonly outcome: Effect.Effect<Outcome>
  /** Waits until its stdout matches. Fails the test if it ends before. */
  readonly awaitOut: (pattern: RegExp) => Effect.Effect<RegExpExecArray>
  /** The same for its stderr. */
  readonly awaitError: (pattern: RegExp) => Effect.Effect<RegExpExecArray>
}

/** Starts `muster` with these arguments and only the environment `env`; it is killed when the scope ends. */
export const spawnMuster = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>) =>
  spawnProgram(main, args, env)

/** The same with another Node program instead of this checkout's. */
export const spawnProgram = Effect.fnUntraced(
  function*(program: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>>) {
    const ended = yield* Deferred.make<Outcome>()
    let stdout = ""
    let stderr = ""
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, [program, ...args], {
          env: { PATH: "/usr/bin:/bin", ...env },
          stdio: ["ignore", "pipe", "pipe"]
        })
      ),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    child.stdout.on("data", (chunk: Buffer) => stdout += chunk.toString())
    child.stderr.on("data", (chunk: Buffer) => stderr += chunk.toString())
    const said = () => ({ code: child.exitCode ?? -1, stdout, stderr })
    child.on("close", () => Deferred.doneUnsafe(ended, Effect.succeed(said())))

    const awaitOn = (name: "stderr" | "stdout") => (pattern: RegExp) =>
      Effect.callback<RegExpExecArray>((resume) => {
        const look = () => {
          const match = pattern.exec(said()[name])
          if (match !== null) resume(Effect.succeed(match))
          else if (child.exitCode !== null) resume(Effect.die(new Error(`it ended: ${JSON.stringify(said())}`)))
        }
        child[name].on("data", look)
        child.on("close", look)
        look()
      })
    const spawned: Spawned = {
      process: child,
      said,
      outcome: Deferred.await(ended),
      awaitOut: awaitOn("stdout"),
      awaitError: awaitOn("stderr")
    }
    return spawned
  }
)

/** Runs `muster` to its end. */
export const runProcess = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>) =>
  Effect.scoped(Effect.flatMap(spawnMuster(args, env), ({ outcome }) => outcome))
