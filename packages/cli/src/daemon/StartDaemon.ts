import { HostEnvironment, type LocalHealth } from "@muster/daemon"
import { Console, Deferred, Effect, FileSystem, Option, Schedule } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { spawn } from "node:child_process"
import { closeSync, openSync } from "node:fs"
import { exitCodes, type FailureClass } from "../failure/ExitCode.ts"
import { Failure } from "../failure/Failure.ts"
import { logPath } from "../log/LogFile.ts"
import { jsonText } from "../output/Text.ts"
import { printable } from "../output/Text.ts"
import { plural } from "../output/Text.ts"
import { daemonAccess } from "../profile/DaemonAccess.ts"
import { folder } from "../profile/Home.ts"
import { findDaemon } from "./LocalDaemon.ts"
import { silent } from "./LocalDaemon.ts"
import { daemonArguments, type DaemonFlags, ownProgram } from "./OwnProgram.ts"

/** How long a start is watched. After that the daemon continues to start on its own. */
const startTimeout = "20 seconds"

/** The maximum bytes that are read from the end of the log of a daemon that failed to start. */
const maxLogTail = 64 * 1_024

const classOf = (code: number): FailureClass =>
  (Object.keys(exitCodes) as Array<FailureClass>).find((name) => exitCodes[name] === code) ?? "other"

/** Starts the daemon detached from this process and its terminal. Returns its process id and its exit code once it ends. */
const launch = Effect.fnUntraced(function*(args: ReadonlyArray<string>, log: string, cwd: string) {
  const ended = yield* Deferred.make<number>()
  const env = yield* HostEnvironment
  const pid = yield* Effect.acquireUseRelease(
    Effect.try({ try: () => openSync(log, "a", 0o600), catch: () => notWritable(log) }),
    (out) =>
      Effect.sync(() => {
        const child = spawn(ownProgram[0]!, [...ownProgram.slice(1), ...args], {
          cwd,
          env,
          detached: true,
          stdio: ["ignore", out, out]
        })
        child.on("error", () => Deferred.doneUnsafe(ended, Effect.succeed(exitCodes.other)))
        child.on("exit", (code) => Deferred.doneUnsafe(ended, Effect.succeed(code ?? exitCodes.other)))
        child.unref()
        return child.pid ?? 0
      }),
    (out) => Effect.sync(() => closeSync(out))
  )
  return { pid, ended: Deferred.await(ended) }
})

const notWritable = (log: string) =>
  new Failure({
    class: "cannotStart",
    code: "cannot_start_data_folder",
    sentence: `the log ${log} cannot be written`,
    next: "check that you own the folder and can write to it, or use another one: --data DIR"
  })

/** Returns the failure that the daemon reported in its log after this byte. */
const explainEnd = Effect.fnUntraced(function*(code: number, log: string, from: number) {
  const files = yield* FileSystem.FileSystem
  const text = yield* Effect.orElseSucceed(files.readFile(log), () => new Uint8Array())
  const output = new TextDecoder().decode(text.subarray(from).subarray(-maxLogTail))
  const [, sentence, next] = /^error: (.*)\nnext: {2}(.*)$/m.exec(output) ?? []
  return new Failure({
    class: classOf(code),
    code: "daemon_ended",
    sentence: sentence ?? `the daemon ended immediately (exit code ${code})`,
    next: next ?? "see its log: muster daemon logs"
  })
})

/** Prints the daemon that runs now. */
export const sayStarted = (health: LocalHealth, already: boolean, json: boolean) => {
  if (json) return Console.log(jsonText(health))
  const { pid, runtimes, server_url, status, why } = health
  const how = status === "running" ? `${already ? "already runs" : "runs"}` : `is ${status}`
  const parts = [
    `Muster's daemon ${how}: process ${pid}, ${plural(runtimes.length, "runtime")} at ${printable(server_url)}`
  ]
  if (why !== null) parts.push(printable(why))
  return Console.log(parts.join("; "))
}

/** Waits until a daemon of this data folder runs and has had its first look, for 20 s. None: there is none by then. */
export const awaitHealth = (dataDir: string, isIt: (health: LocalHealth) => boolean = () => true) => {
  const probe = Effect.map(
    findDaemon(dataDir),
    (daemon) => daemon._tag === "Running" && isIt(daemon.health) ? Option.some(daemon.health) : Option.none()
  )
  return probe.pipe(
    Effect.repeat({
      until: (health) => Option.isSome(health) && health.value.status !== "starting",
      schedule: Schedule.spaced("100 millis")
    }),
    Effect.timeoutOrElse({ duration: startTimeout, orElse: () => probe })
  )
}

/** Starts a daemon in the background, unless one runs, and waits until it runs or fails. */
export const startInBackground = Effect.fnUntraced(function*(dataDir: string, flags: DaemonFlags) {
  const files = yield* FileSystem.FileSystem
  const existing = yield* findDaemon(dataDir)
  if (existing._tag === "Silent") return yield* silent(existing.pid)
  if (existing._tag === "Running") return { health: existing.health, already: true }
  // Fails here, in the foreground, if the daemon could not connect.
  yield* daemonAccess(dataDir)
  const log = logPath(dataDir)
  yield* Effect.mapError(files.makeDirectory(dataDir, { recursive: true, mode: 0o700 }), () => notWritable(log))
  const from = yield* files.stat(log).pipe(Effect.map(({ size }) => Number(size)), Effect.orElseSucceed(() => 0))
  const { ended, pid } = yield* launch(daemonArguments(dataDir, log, flags), log, dataDir)
  const failed = Effect.flatMap(ended, (code) => Effect.flatMap(explainEnd(code, log, from), Effect.fail))
  const health = yield* Effect.raceFirst(awaitHealth(dataDir, (one) => one.pid === pid), failed)
  if (Option.isNone(health)) return yield* silent(pid)
  return { health: health.value, already: false }
})

/** `muster daemon start`: starts a daemon in the background and waits until it runs or fails. */
export const startDaemon = Effect.fnUntraced(function*(
  input: DaemonFlags & { readonly data: string; readonly json: boolean }
) {
  const { already, health } = yield* startInBackground(yield* folder(input.data), input)
  yield* sayStarted(health, already, input.json)
}, Effect.provide(FetchHttpClient.layer))
