// A whole server as a process of its own, with the log level of `npm start`: a data folder and, if given, the URLs of a
// database and of a Redis; on BENCH_PORT, or any free port.
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { layerServer, ServerInfo } from "@muster/server"
import { Effect, Layer, Redacted, References } from "effect"
import { reportCpu } from "./reportCpu.ts"

const [, , dataDir = "", database, redis] = process.argv
const urlOf = (text: string | undefined) => text === undefined ? undefined : Redacted.make(text)
const urls = { databaseUrl: urlOf(database), redisUrl: urlOf(redis) }

reportCpu()

const layerTell = Layer.effectDiscard(Effect.gen(function*() {
  const info = yield* ServerInfo
  process.send?.({ url: info.url, token: Redacted.value(info.ownerToken), workspace: info.ownerWorkspace })
}))

NodeRuntime.runMain(
  Layer.launch(layerTell.pipe(
    Layer.provide(layerServer({
      host: "127.0.0.1",
      port: Number(process.env["BENCH_PORT"] ?? 0),
      dataDir,
      ...urls
    })),
    Layer.provide(Layer.succeed(References.MinimumLogLevel, "Warn"))
  ))
)
