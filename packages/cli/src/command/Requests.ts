import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { wholeNumberFlag } from "../flag/wholeNumberFlag.ts"
import { workspaceFlag } from "../flag/workspaceFlag.ts"
import { muster } from "./Muster.ts"

/** As many as the server remembers. */
const most = 100

export const requests = Command.make(
  "requests",
  {
    limit: wholeNumberFlag("limit", { min: 1, max: most }).pipe(
      Flag.withDescription(`How many at most, 1 to ${most}`),
      Flag.withDefault(20)
    ),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*({ limit, workspace }) {
    const { json } = yield* muster
    const { listRequests } = yield* Effect.promise(() => import("../explain/requests.ts"))
    yield* listRequests({ limit, workspace, json })
  })
).pipe(
  Command.withDescription("List what was asked last in the workspace and what became of it, newest first."),
  Command.withShortDescription("List what was asked last and what became of it")
)
