// A whole daemon as a process of its own, with the log level of a quiet one: the server's URL, a token and a data folder.
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { DaemonStatus, layerDaemon } from "@muster/daemon"
import { Effect, Layer, Redacted, References, Schedule } from "effect"
import { reportCpu } from "../load/reportCpu.ts"

const [, , serverUrl = "", token = "", dataDir = ""] = process.argv

reportCpu()

/** Waits until it has a runtime and its socket is open. */
const layerTell = Layer.effectDiscard(Effect.gen(function*() {
  const status = yield* DaemonStatus
  const { runtimes } = yield* Effect.repeat(status.snapshot, {
    until: ({ runtimes, socket }) => runtimes.length > 0 && socket === "connected",
    schedule: Schedule.spaced("20 millis")
  })
  process.send?.({ runtime: runtimes[0]!.id })
}))

NodeRuntime.runMain(
  Layer.launch(layerTell.pipe(
    Layer.provide(layerDaemon({
      serverUrl,
      token: Redacted.make(token),
      dataDir,
      localPort: 0,
      deviceName: "bench",
      clientVersion: "0.4.0"
    })),
    Layer.provide(Layer.succeed(References.MinimumLogLevel, "Warn"))
  ))
)
