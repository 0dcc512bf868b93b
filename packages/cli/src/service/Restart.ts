import { Console, Effect, Ref } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { Failure } from "../failure/Failure.ts"
import { InterruptedCode } from "./Lifetime.ts"

/**
 * Whether a supervisor that restarts failed processes runs this process, according to its environment. systemd's
 * INVOCATION_ID is no evidence: terminals inherit it from the session. Source: systemd.exec(5), launchd's environment.
 */
export const isSupervised = (
  env: Readonly<Record<string, string | undefined>>,
  { parent, pid }: { readonly pid: number; readonly parent: number }
): boolean => {
  if (env["MUSTER_SUPERVISED"] === "1" || (env["NOTIFY_SOCKET"] ?? "") !== "") return true
  // This process can be a child of the one that the supervisor started (`bin/muster.mjs`).
  if ([pid, parent].map(String).includes(env["SYSTEMD_EXEC_PID"] ?? "")) return true
  const service = env["XPC_SERVICE_NAME"] ?? "0"
  return service !== "0" && service.startsWith("dev.muster")
}

/** The exit code of a daemon that must be restarted. It counts as a failure, since supervisors restart nothing else. */
export const restartCode = 75

/** A new process that ends within this time has failed to start. */
const survivalTime = "3 seconds"

/** Returns why the new process ended; none if it still runs after `survivalTime`. */
const settled = (child: ChildProcess) =>
  Effect.callback<string>((resume) => {
    child.on("error", ({ message }) => resume(Effect.succeed(message)))
    child.on(
      "exit",
      (code, signal) => resume(Effect.succeed(`it ended immediately (${signal ?? `exit code ${code}`})`))
    )
  }).pipe(Effect.timeoutOption(survivalTime))

const failed = (why: string) =>
  new Failure({
    class: "cannotStart",
    code: "restart_failed",
    sentence: `Muster was updated, but its daemon could not be restarted: ${why}`,
    next: "start it: muster daemon start"
  })

/** Starts `command` detached, with this process's output and environment. Returns its process id. */
export const startDetached = Effect.fnUntraced(function*(command: readonly [string, ...ReadonlyArray<string>]) {
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

/** Restarts the daemon after its services have ended: through its supervisor, or as a new process. */
export const restart = Effect.gen(function*() {
  if (!isSupervised(process.env, { pid: process.pid, parent: process.ppid })) {
    return yield* Effect.asVoid(startDetached(ownCommand()))
  }
  yield* Ref.set(yield* InterruptedCode, restartCode)
  return yield* Effect.interrupt
})
