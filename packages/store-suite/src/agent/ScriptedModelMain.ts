import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"
import * as ChildProcess from "effect/process/ChildProcess"
import { opencodeVariables } from "./scriptedClis.ts"
import { scriptedModel } from "./ScriptedModel.ts"

/** OpenCode's own variables; data and home of the person stay. */
const variablesOf = (url: string) =>
  Object.fromEntries(Object.entries(opencodeVariables(url, "")).filter(([name]) => name.startsWith("OPENCODE_")))

const usage = "usage: npm run scripted -- COMMAND …, such as npm start"

/** Runs a command, the OpenCode of whose daemon uses a scripted model on loopback. Ends with it, and with its exit code. */
const main = Effect.gen(function*() {
  const [command, ...args] = process.argv.slice(2)
  if (command === undefined) {
    yield* Console.error(usage)
    return 2
  }
  const { url } = yield* scriptedModel()
  const child = yield* ChildProcess.make(command, args, {
    env: {
      ...variablesOf(url),
      MUSTER_AGENT_ENV: ["OPENCODE_*", process.env["MUSTER_AGENT_ENV"] ?? []].flat().join(",")
    },
    extendEnv: true,
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
    detached: false
  })
  return yield* child.exitCode
}).pipe(
  Effect.scoped,
  Effect.flatMap((code) =>
    Effect.sync(() => {
      process.exitCode = code
    })
  ),
  Effect.provide(NodeServices.layer)
)

NodeRuntime.runMain(main)
