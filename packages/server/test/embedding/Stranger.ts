import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { layerServerOver, ServerInfo } from "@muster/server"
import { layerMemory } from "@muster/store-memory"
import { Console, Effect, Layer } from "effect"

// Any layers that provide the contracts work; these keep everything in this process.
const server = layerServerOver({ host: "127.0.0.1", port: 0, dataDir: process.env["DATA"] ?? "data" }).pipe(
  Layer.provide(layerMemory)
)

const announced = Layer.effectDiscard(Effect.gen(function*() {
  const { url } = yield* ServerInfo
  yield* Console.log(`listening on ${url}`)
}))

NodeRuntime.runMain(Layer.launch(Layer.provide(announced, server)))
