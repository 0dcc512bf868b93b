import { Config, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { layerLogs } from "../service/Logs.ts"
import { dataFlag, logFormatFlag } from "../service/serviceFlags.ts"
import { muster } from "./Muster.ts"

export const daemon = Command.make(
  "daemon",
  {
    data: dataFlag,
    name: Flag.String("name").pipe(
      Flag.withDescription("What to call this machine (MUSTER_DEVICE_NAME; default its host name)"),
      Flag.withFallbackConfig(Config.NonEmptyString("MUSTER_DEVICE_NAME")),
      Flag.optional
    ),
    logFormat: logFormatFlag("pretty")
  },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const { runDaemon } = yield* Effect.promise(() => import("../service/runDaemon.ts"))
    return yield* Effect.provide(runDaemon({ ...input, json }), layerLogs(input.logFormat, "Info"))
  })
).pipe(
  Command.withDescription(
    "Serve this machine's agent CLIs to a server, in the foreground. The server and the token come from " +
      "MUSTER_SERVER_URL and MUSTER_TOKEN, else from the profile (muster login)."
  ),
  Command.withShortDescription("Serve this machine's agent CLIs to a server")
)
