import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { workspaceFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

export const update = Command.make(
  "update",
  {
    runtime: Argument.String("runtime").pipe(
      Argument.withDescription(
        "A runtime of the daemon to update: an id, the first characters of one, a name, or a provider"
      )
    ),
    to: Flag.String("to").pipe(Flag.withDescription("The version, such as 1.2.3")),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*({ runtime, to, workspace }) {
    const { json } = yield* muster
    const work = yield* Effect.promise(() => import("../runtime/UpdateRuntime.ts"))
    yield* work.update({ runtime, to, workspace, json })
  })
).pipe(
  Command.withDescription(
    "Update Muster on a runtime's machine and wait for the result. The runtime's owner can do this and, for a public " +
      "runtime, the workspace's owners and admins. The daemon restarts afterwards; it refuses while it runs tasks."
  ),
  Command.withShortDescription("Update Muster on a runtime's machine"),
  Command.withExamples([{
    command: "muster update opencode --to 1.2.3",
    description: "Wait up to 4.5 minutes for the update"
  }])
)
