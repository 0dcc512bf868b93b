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
import { connection } from "../profile/Connection.ts"
import { folder } from "../profile/Home.ts"
import { findDaemon } from "./LocalDaemon.ts"
import { silent } from "./LocalDaemon.ts"
import { daemonArguments, type DaemonFlags, ownProgram } from "./OwnProgram.ts"

/** A start is over within this, or goes on without its watcher. */
const startTimeout = "20 seconds"

/** How much of what a daemon said before it ended is looked at, in bytes. */
const lastWords = 64 * 1_024

const classOf = (code: number): FailureClass =>
  (Object.keys(exitCodes) as Array<FailureClass>).find((name) => exitCodes[name] === code) ?? "other"

/** Starts it, free of this process and its terminal; answers its process id, and when and how it ends. */
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
    next: "check that the folder belongs to you and can be written, or use another one: --data DIR"
  })

/** Why it ended, in the words of its log from this byte on. */
const explainEnd = Effect.fnUntraced(function*(code: number, log: string, from: number) {
  const files = yield* FileSystem.FileSystem
  const text = yield* Effect.orElseSucceed(files.readFile(log), () => new Uint8Array())
  const said = new TextDecoder().decode(text.subarray(from).subarray(-lastWords))
  const [, sentence, next] = /^error: (.*)\nnext: {2}(.*)$/m.exec(said) ?? []
  return new Failure({
    class: classOf(code),
    code: "daemon_ended",
    sentence: sentence ?? `the daemon ended at once (exit code ${code})`,
    next: next ?? "see why: muster daemon logs"
  })
})

const say = (health: LocalHealth, already: boolean, json: boolean) => {
  if (json) return Console.log(jsonText(health))
  const { pid, runtimes, server_url, status, why } = health
  const how = status === "running" ? `${already ? "already runs" : "runs"}` : `is ${status}`
  const words = [
    `Muster's daemon ${how}: process ${pid}, ${plural(runtimes.length, "runtime")} at ${printable(server_url)}`
  ]
  if (why !== null) words.push(printable(why))
  return Console.log(words.join("; "))
}

/** `muster daemon start`: a daemon in the background, watched until it says that it runs, or why it does not. */
export const startDaemon = Effect.fnUntraced(function*(
  input: DaemonFlags & { readonly data: string; readonly json: boolean }
) {
  const files = yield* FileSystem.FileSystem
  const dataDir = yield* folder(input.data)
  const there = yield* findDaemon(dataDir)
  if (there._tag === "Silent") return yield* silent(there.pid)
  if (there._tag === "Here") return yield* say(there.health, true, input.json)
  // What it would fail on is said here, where somebody listens.
  yield* connection
  const log = logPath(dataDir)
  yield* Effect.mapError(files.makeDirectory(dataDir, { recursive: true, mode: 0o700 }), () => notWritable(log))
  const from = yield* files.stat(log).pipe(Effect.map(({ size }) => Number(size)), Effect.orElseSucceed(() => 0))
  const { ended, pid } = yield* launch(daemonArguments(dataDir, log, input), log, dataDir)

  const look = Effect.map(
    findDaemon(dataDir),
    (daemon) => daemon._tag === "Here" && daemon.health.pid === pid ? Option.some(daemon.health) : Option.none()
  )
  const runs = look.pipe(
    Effect.repeat({
      until: (health) => Option.isSome(health) && health.value.status !== "starting",
      schedule: Schedule.spaced("100 millis")
    }),
    Effect.timeoutOrElse({ duration: startTimeout, orElse: () => look })
  )
  const failed = Effect.flatMap(ended, (code) => Effect.flatMap(explainEnd(code, log, from), Effect.fail))
  const health = yield* Effect.raceFirst(runs, failed)
  if (Option.isNone(health)) return yield* silent(pid)
  yield* say(health.value, false, input.json)
}, Effect.provide(FetchHttpClient.layer))
