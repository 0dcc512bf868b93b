import { Effect, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import { muster } from "./Muster.ts"
import { workspaceFlag } from "./workspaceFlag.ts"

/** As many as the server remembers. */
const most = 100

export const requests = Command.make(
  "requests",
  {
    limit: Flag.Int("limit").pipe(
      Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: most }))),
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
