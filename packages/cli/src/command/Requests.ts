import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { wholeNumberFlag } from "../flag/Flags.ts"
import { workspaceFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

/** As many as the server remembers. */
const maxRequests = 100

export const requests = Command.make(
  "requests",
  {
    limit: wholeNumberFlag("limit", { min: 1, max: maxRequests }).pipe(
      Flag.withDescription(`How many at maxRequests, 1 to ${maxRequests}`),
      Flag.withDefault(20)
    ),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*({ limit, workspace }) {
    const { json } = yield* muster
    const { listRequests } = yield* Effect.promise(() => import("../request/ListRequests.ts"))
    yield* listRequests({ limit, workspace, json })
  })
).pipe(
  Command.withDescription("List what was asked last in the workspace and what became of it, newest first."),
  Command.withShortDescription("List what was asked last and what became of it")
)
