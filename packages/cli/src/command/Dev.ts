import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { hostFlag, logFormatFlag, portFlag } from "../flag/Flags.ts"
import { layerLogs } from "../log/Logs.ts"
import { start } from "./Daemon.ts"
import { muster } from "./Root.ts"

export const dev = Command.make(
  "dev",
  {
    port: portFlag,
    host: hostFlag("127.0.0.1"),
    ...start,
    daemon: Flag.Boolean("daemon").pipe(
      Flag.withDescription("Connect this machine's agent CLIs too; --no-daemon runs the server alone"),
      Flag.withDefault(true)
    ),
    logFormat: logFormatFlag("pretty")
  },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const { runDev } = yield* Effect.promise(() => import("../service/RunDev.ts"))
    return yield* Effect.provide(runDev({ ...input, json }), layerLogs(input.logFormat, "Warn"))
  })
).pipe(
  Command.withDescription("Run server and daemon in one process, with all data in one folder. Ctrl-C stops it."),
  Command.withShortDescription("Run server and daemon in one process")
)
