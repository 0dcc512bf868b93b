import { Effect } from "effect"
import { Command } from "effect/cli"
import { workspaceFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

export const runtimes = Command.make(
  "runtimes",
  { workspace: workspaceFlag },
  Effect.fnUntraced(function*({ workspace }) {
    const { json } = yield* muster
    const { listRuntimes } = yield* Effect.promise(() => import("../runtime/ListRuntimes.ts"))
    yield* listRuntimes({ workspace, json })
  })
).pipe(
  Command.withDescription("List the runtimes of the workspace: every agent CLI on every machine, online or offline."),
  Command.withShortDescription("List the runtimes of the workspace"),
  Command.withAlias("ls")
)
