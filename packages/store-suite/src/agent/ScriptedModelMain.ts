import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import { scriptedModel } from "./ScriptedModel.ts"

/** Serves a scripted model on the port that is given as argument, until the process ends. */
const main = Effect.gen(function*() {
  const { url } = yield* scriptedModel(Number(process.argv[2] ?? 0))
  yield* Console.log(`scripted model: ${url}`)
  return yield* Effect.never
}).pipe(Effect.scoped)

NodeRuntime.runMain(main)
