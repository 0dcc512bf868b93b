import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"
import { beats } from "./beats/Beats.ts"
import { pickup } from "./pickup/Pickup.ts"

const benches = { beats, pickup }

const name = process.argv[2] ?? ""

const run = Effect.gen(function*() {
  if (!Object.hasOwn(benches, name)) {
    yield* Console.error(
      `usage: npm run bench -- NAME --json, where NAME is one of: ${Object.keys(benches).join(", ")}`
    )
    return yield* Effect.fail("usage" as const)
  }
  const result = yield* benches[name as keyof typeof benches]
  yield* Console.log(process.argv.includes("--json") ? JSON.stringify(result) : result)
})

NodeRuntime.runMain(run.pipe(Effect.provide(NodeServices.layer)))
