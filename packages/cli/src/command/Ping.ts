import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { workspaceFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

export const ping = Command.make(
  "ping",
  {
    runtime: Argument.String("runtime").pipe(
      Argument.withDescription("An id, the first characters of one, a name, or a provider such as opencode")
    ),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*({ runtime, workspace }) {
    const { json } = yield* muster
    const work = yield* Effect.promise(() => import("../runtime/PingRuntime.ts"))
    yield* work.ping({ runtime, workspace, json })
  })
).pipe(
  Command.withDescription(
    "Send a ping to a runtime by the path that work takes. Shows separately whether the runtime sends heartbeats, " +
      "whether it receives requests, and whether its CLI runs."
  ),
  Command.withShortDescription("Check whether a runtime is online, receives work and can run its CLI"),
  Command.withExamples([{ command: "muster ping opencode", description: "Ping the only online opencode" }])
)
