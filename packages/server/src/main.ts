import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { onSteadyClock, serviceTeardown } from "@muster/kit"
import { Effect, Layer } from "effect"
import { layerServer } from "./Server.ts"
import { serverConfig } from "./serverConfig.ts"

NodeRuntime.runMain(onSteadyClock(Layer.launch(Layer.unwrap(Effect.map(serverConfig, layerServer)))), {
  teardown: serviceTeardown
})
