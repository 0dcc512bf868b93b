import { Console, Effect, FileSystem, Logger, Schedule } from "effect"
import { BenchFailure } from "../load/BenchFailure.ts"
import { median, round } from "../load/median.ts"
import { needOpenFiles } from "./openFiles.ts"
import { spread } from "./spread.ts"
import { type Seen, startStormFleet } from "./StormFleet.ts"
import { startStormServer } from "./StormServer.ts"

const size = Number(process.env["STORM_DAEMONS"] ?? 2_000)

/** The maximum duration of any stage. */
const timeout = "2 minutes"

/** Waits until this is true for every daemon, checking ten times a second. */
const all = (daemons: ReadonlyArray<Seen>, holds: (seen: Seen) => boolean, what: string) =>
  Effect.sync(() => daemons.every(holds)).pipe(
    Effect.repeat({ until: (yes) => yes, schedule: Schedule.spaced("100 millis") }),
    Effect.timeoutOrElse({
      duration: timeout,
      orElse: () =>
        Effect.gen(function*() {
          const missing = daemons.filter((seen) => !holds(seen))
          const words = yield* Effect.forEach(missing.slice(0, 3), ({ told }) => told)
          const message = `${missing.length} daemons ${what} in time; the first of them: ${words.join("; ")}`
          return yield* new BenchFailure({ message })
        })
    })
  )

/**
 * A fleet whose server is killed with SIGKILL and started again immediately on the same port and folder. Measures how
 * evenly the daemons reconnect, and the time from the kill to the last one's first ack.
 */
export const storm = Effect.gen(function*() {
  yield* needOpenFiles(3 * size)
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped({ prefix: "muster-storm-" })
  const server = yield* startStormServer(`${folder}/server`, 0)
  yield* Console.error(`the server's process is ${server.pid}`)
  const { daemons, met } = yield* startStormFleet({
    size,
    serverUrl: server.url,
    token: server.token,
    folder: `${folder}/daemons`
  })
  yield* all(daemons, ({ since }) => since !== null, "did not connect")
  yield* Console.error(`${size} daemons are connected; waiting until each received its window`)
  // A hundred daemons a second; a few may have received one before all were connected.
  const expected = Math.min(size * 9, 60_000)
  yield* all(daemons, ({ window }) => window >= expected, "did not receive a window")
  const window = median(daemons.map(({ window }) => window))
  const before = { ...met }

  const killedAt = performance.now()
  yield* server.kill
  const again = yield* startStormServer(`${folder}/server`, server.port)
  const upAt = performance.now()
  yield* Console.error(`the server was down for ${round(upAt - killedAt, 0)} ms; now it is ${again.pid}`)
  yield* all(daemons, ({ since }) => since !== null && since > killedAt, "did not reconnect")

  for (const [reason, count] of met.reasons) yield* Console.error(`${count} dials: ${reason}`)
  const moments = daemons.map(({ since }) => since!)
  const { mean, peak, perSecond, ratio } = spread(moments)
  yield* Console.error(`reconnected in each second: ${perSecond.join(" ")}`)
  return {
    bench: "storm",
    peak_over_mean: round(ratio),
    seconds_to_all_back: round((Math.max(...moments) - killedAt) / 1_000, 1),
    rejected_beats: met.rejectedBeats - before.rejectedBeats,
    daemons: size,
    window_ms: window,
    server_away_ms: round(upAt - killedAt, 0),
    peak_per_second: peak,
    mean_per_second: round(mean, 1),
    refused_dials: met.refusedDials - before.refusedDials,
    failed_dials: met.failedDials - before.failedDials
  }
}).pipe(Effect.scoped, Effect.provide(Logger.layer([])))
