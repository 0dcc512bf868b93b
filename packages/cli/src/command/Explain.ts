import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { workspaceFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

export const explain = Command.make(
  "explain",
  {
    request: Argument.String("request").pipe(
      Argument.withDescription("The request's id: muster requests lists them, and --json of a question shows it")
    ),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*({ request, workspace }) {
    const { json } = yield* muster
    const work = yield* Effect.promise(() => import("../request/ExplainRequest.ts"))
    yield* work.explain({ request, workspace, json })
  })
).pipe(
  Command.withDescription(
    "Say why a request waits or how it ended: whether its runtime lives and where it is connected, how often the " +
      "request was delivered, and what comes next and when."
  ),
  Command.withShortDescription("Say why a request waits or how it ended")
)
