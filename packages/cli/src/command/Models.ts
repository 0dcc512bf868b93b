import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { muster } from "./Muster.ts"
import { workspaceFlag } from "./workspaceFlag.ts"

export const models = Command.make(
  "models",
  {
    runtime: Argument.String("runtime").pipe(
      Argument.withDescription("An id, the first characters of one, a name, or a provider such as opencode")
    ),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*({ runtime, workspace }) {
    const { json } = yield* muster
    const { listModels } = yield* Effect.promise(() => import("../models/list.ts"))
    yield* listModels({ runtime, workspace, json })
  })
).pipe(
  Command.withDescription("Ask a runtime which models it can run. The request's way shows on stderr."),
  Command.withShortDescription("Ask a runtime which models it can run"),
  Command.withExamples([
    { command: "muster models opencode", description: "Ask the only opencode that is online" },
    { command: "muster models 3f2a91c0 --json", description: "Ask one runtime by its id, for a script" }
  ])
)
