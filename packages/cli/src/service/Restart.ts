import { Console, Effect, Ref } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { Failure } from "../failure/Failure.ts"
import { InterruptedCode } from "./Lifetime.ts"

/**
 * Whether a supervisor that restarts what ends in failure runs this process, as far as its environment tells. systemd's
 * INVOCATION_ID alone does not: terminals inherit it from the session. Source: systemd.exec(5), launchd's environment.
 */
export const isSupervised = (
  env: Readonly<Record<string, string | undefined>>,
  { parent, pid }: { readonly pid: number; readonly parent: number }
): boolean => {
  if (env["MUSTER_SUPERVISED"] === "1" || (env["NOTIFY_SOCKET"] ?? "") !== "") return true
  // The program may run in a process below the one that the supervisor started (`bin/muster.mjs`).
  if ([pid, parent].map(String).includes(env["SYSTEMD_EXEC_PID"] ?? "")) return true
  const service = env["XPC_SERVICE_NAME"] ?? "0"
  return service !== "0" && service.startsWith("dev.muster")
}

/** What a daemon ends with that wants to be started anew: a failure to supervisors, as they restart nothing else. */
export const restartCode = 75

/** A daemon that ends within this did not come back. */
const survivalTime = "3 seconds"

/** What became of the new process: it runs, or why not. */
const settled = (child: ChildProcess) =>
  Effect.callback<string>((resume) => {
    child.on("error", ({ message }) => resume(Effect.succeed(message)))
    child.on("exit", (code, signal) => resume(Effect.succeed(`it ended at once (${signal ?? `exit code ${code}`})`)))
  }).pipe(Effect.timeoutOption(survivalTime))

const failed = (why: string) =>
  new Failure({
    class: "cannotStart",
    code: "restart_failed",
    sentence: `Muster was updated, but its daemon could not be started anew: ${why}`,
    next: "start it by hand: muster daemon start"
  })

/** Starts `command` with this process's terminal or log and environment, to outlive it; answers its process id. */
export const startAnew = Effect.fnUntraced(function*(command: readonly [string, ...ReadonlyArray<string>]) {
  const [program, ...args] = command
  const child = yield* Effect.sync(() =>
    spawn(program, args, { detached: true, stdio: ["ignore", "inherit", "inherit"] })
  )
  const end = yield* settled(child)
  if (end._tag === "Some") return yield* failed(end.value)
  yield* Effect.sync(() => child.unref())
  yield* Console.error(`the updated daemon runs in the background: process ${child.pid}`)
  return child.pid
})

/** The command line of this process. */
const ownCommand = (): readonly [string, ...ReadonlyArray<string>] => {
  const [program = "", ...args] = process.argv
  return [process.execPath, ...process.execArgv, ...program === args[0] ? args.slice(1) : args]
}

/** Once everything has ended: lets the supervisor start the daemon anew, or starts it. */
export const restart = Effect.gen(function*() {
  if (!isSupervised(process.env, { pid: process.pid, parent: process.ppid })) {
    return yield* Effect.asVoid(startAnew(ownCommand()))
  }
  yield* Ref.set(yield* InterruptedCode, restartCode)
  return yield* Effect.interrupt
})
