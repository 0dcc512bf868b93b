import type { LocalHealth } from "@muster/daemon"
import { Console, Duration, Effect, Schedule } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { Failure } from "../failure/Failure.ts"
import { jsonText, plural } from "../output/Text.ts"
import { folder } from "../profile/Home.ts"
import { askToStop, findDaemon, isAlive } from "./LocalDaemon.ts"
import { silent } from "./LocalDaemon.ts"

/** The timeout of a stop, in seconds, without the time that tasks have. A daemon deregisters and ends within 5 s. */
const timeout = 10

/** The seconds that the daemon waits for its tasks when it stops; says so, if it does. */
export const tasksTime = Effect.fnUntraced(function*({ drain_tasks = 0, tasks = [] }: LocalHealth) {
  const running = tasks.filter(({ phase }) => phase === "running").length
  if (running === 0 || drain_tasks === 0) return 0
  yield* Console.error(
    `waiting for ${plural(running, "running task")}, at most ${drain_tasks} s; to end now: muster daemon stop --now`
  )
  return drain_tasks
})

const ended = (pid: number, seconds: number) =>
  Effect.sync(() => isAlive(pid)).pipe(
    Effect.repeat({ until: (alive) => !alive, schedule: Schedule.spaced("50 millis") }),
    Effect.timeout(Duration.seconds(seconds)),
    Effect.mapError(() =>
      new Failure({
        class: "unanswered",
        code: "daemon_not_stopped",
        sentence: `the daemon (process ${pid}) was asked to stop and still runs after ${seconds} s`,
        next: `stop it: kill ${pid}`,
        details: { status: "stopping", pid }
      })
    )
  )

/**
 * Stops the daemon of this data folder, if one runs, and waits until it has ended; `now`: without waiting for its tasks.
 * Returns its process id.
 */
export const stopRunning = Effect.fnUntraced(function*(dataDir: string, now = false) {
  const daemon = yield* findDaemon(dataDir)
  if (daemon._tag === "Silent") return yield* silent(daemon.pid)
  if (daemon._tag === "Stopped") return null
  const { pid } = daemon.control
  if (!(yield* askToStop(daemon.control, now)) && isAlive(pid)) return yield* silent(pid)
  yield* ended(pid, timeout + (now ? 0 : yield* tasksTime(daemon.health)))
  return pid
})

/** `muster daemon stop`: stops this profile's daemon and waits until it has ended. */
export const stopDaemon = Effect.fnUntraced(function*(
  input: { readonly data: string; readonly now: boolean; readonly json: boolean }
) {
  const dataDir = yield* folder(input.data)
  const say = (pid: number | null) =>
    Console.log(
      input.json
        ? jsonText({ status: "stopped", pid })
        : pid === null
        ? `No daemon runs for ${dataDir}`
        : `Muster's daemon has stopped (process ${pid})`
    )
  yield* say(yield* stopRunning(dataDir, input.now))
}, Effect.provide(FetchHttpClient.layer))
