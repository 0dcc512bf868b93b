import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { workspaceFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

export const explain = Command.make(
  "explain",
  {
    request: Argument.String("request").pipe(
      Argument.withDescription("The request's id, from muster requests or from the --json output of a command")
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
    "Show why a request is waiting or how it ended: whether its runtime is online and where it is connected, how often " +
      "the request was delivered, and what happens next and when."
  ),
  Command.withShortDescription("Show why a request is waiting or how it ended")
)
