import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { onSteadyClock, serviceTeardown } from "@muster/kit"
import { Effect, Layer } from "effect"
import { layerDaemon } from "./Daemon.ts"
import { daemonConfig } from "./daemonConfig.ts"

NodeRuntime.runMain(onSteadyClock(Layer.launch(Layer.unwrap(Effect.map(daemonConfig, layerDaemon)))), {
  teardown: serviceTeardown
})
