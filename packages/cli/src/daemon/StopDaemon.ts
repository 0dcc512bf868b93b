import { Console, Effect, Schedule } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { Failure } from "../failure/Failure.ts"
import { jsonText } from "../output/Text.ts"
import { folder } from "../profile/Home.ts"
import { askToStop, findDaemon, isAlive } from "./LocalDaemon.ts"
import { silent } from "./LocalDaemon.ts"

/** The timeout of a stop. A daemon deregisters and ends within 5 s. */
const timeout = "10 seconds"

const ended = (pid: number) =>
  Effect.sync(() => isAlive(pid)).pipe(
    Effect.repeat({ until: (alive) => !alive, schedule: Schedule.spaced("50 millis") }),
    Effect.timeout(timeout),
    Effect.mapError(() =>
      new Failure({
        class: "unanswered",
        code: "daemon_not_stopped",
        sentence: `the daemon (process ${pid}) was asked to stop and still runs after 10 s`,
        next: `stop it: kill ${pid}`,
        details: { status: "stopping", pid }
      })
    )
  )

/** Stops the daemon of this data folder, if one runs, and waits until it has ended. Returns its process id. */
export const stopRunning = Effect.fnUntraced(function*(dataDir: string) {
  const daemon = yield* findDaemon(dataDir)
  if (daemon._tag === "Silent") return yield* silent(daemon.pid)
  if (daemon._tag === "Stopped") return null
  const { pid } = daemon.control
  if (!(yield* askToStop(daemon.control)) && isAlive(pid)) return yield* silent(pid)
  yield* ended(pid)
  return pid
})

/** `muster daemon stop`: stops this profile's daemon and waits until it has ended. */
export const stopDaemon = Effect.fnUntraced(function*(input: { readonly data: string; readonly json: boolean }) {
  const dataDir = yield* folder(input.data)
  const say = (pid: number | null) =>
    Console.log(
      input.json
        ? jsonText({ status: "stopped", pid })
        : pid === null
        ? `No daemon runs for ${dataDir}`
        : `Muster's daemon has stopped (process ${pid})`
    )
  yield* say(yield* stopRunning(dataDir))
}, Effect.provide(FetchHttpClient.layer))
