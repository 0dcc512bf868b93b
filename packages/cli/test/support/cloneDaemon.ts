// A whole daemon as on a machine of this name, whose beats are a second apart: `cloneDaemon.ts FOLDER SERVER TOKEN
// NAME`.
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { layerDaemon } from "@muster/daemon"
import { Layer, Redacted } from "effect"

const [dataDir = "", serverUrl = "", token = "", deviceName = ""] = process.argv.slice(2)

NodeRuntime.runMain(Layer.launch(layerDaemon({
  dataDir,
  serverUrl,
  token: Redacted.make(token),
  deviceName,
  clientVersion: "0.1.0",
  intervals: { beat: 1_000 },
  localPort: 0
})))
