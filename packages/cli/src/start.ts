import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer, Logger } from "effect"
import * as Stdio from "effect/Stdio"
import { run } from "./Cli.ts"

// An interrupted fiber has no result, but an interrupted command has an exit code: it is stored here.
let code = 1

const main = Effect.gen(function*() {
  const { args } = yield* Stdio.Stdio
  code = yield* run(yield* args)
}).pipe(
  Effect.provide(Layer.mergeAll(NodeServices.layer, Layer.succeed(Logger.LogToStderr, true))),
  Effect.uninterruptible
)

NodeRuntime.runMain(main, { disableErrorReporting: true, teardown: (_, end) => end(code) })
