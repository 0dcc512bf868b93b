import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { dataFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

export const backup = Command.make(
  "backup",
  { file: Argument.String("file").pipe(Argument.withDescription("The file to write; it must not exist")) },
  Effect.fnUntraced(function*({ file }) {
    const { json } = yield* muster
    const { backUp } = yield* Effect.promise(() => import("../data/BackUp.ts"))
    yield* backUp({ file, json })
  })
).pipe(
  Command.withDescription(
    "Save the data of a running server with the embedded database, with the owner's token. " +
      "Only its owner can: everything in all workspaces is in the file."
  ),
  Command.withShortDescription("Save the data of a server while it runs")
)

export const restore = Command.make(
  "restore",
  {
    file: Argument.String("file").pipe(Argument.withDescription("A file that muster backup wrote")),
    data: dataFlag
  },
  Effect.fnUntraced(function*({ data, file }) {
    const { json } = yield* muster
    const { restore } = yield* Effect.promise(() => import("../data/Restore.ts"))
    yield* restore({ file, data, json })
  })
).pipe(
  Command.withDescription(
    "Put a backup into a data folder without a database. A backup of a newer Muster is refused; an older one is " +
      "upgraded by the next start."
  ),
  Command.withShortDescription("Put a backup into a data folder")
)
