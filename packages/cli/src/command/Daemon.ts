import { Config, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { dataFlag, logFormatFlag } from "../flag/Flags.ts"
import { wholeNumberFlag } from "../flag/Flags.ts"
import { layerLogs } from "../log/Logs.ts"
import { muster } from "./Root.ts"

const start = {
  data: dataFlag,
  name: Flag.String("name").pipe(
    Flag.withDescription("What to call this machine (MUSTER_DEVICE_NAME; default its host name)"),
    Flag.withFallbackConfig(Config.NonEmptyString("MUSTER_DEVICE_NAME")),
    Flag.optional
  ),
  localPort: wholeNumberFlag("local-port", { min: 0, max: 65_535, variable: "MUSTER_LOCAL_PORT" }).pipe(
    Flag.withDescription(
      "The daemon's own port on 127.0.0.1; 0 for any free one (MUSTER_LOCAL_PORT; default 19514 if it is free)"
    ),
    Flag.optional
  )
}

const startCommand = Command.make(
  "start",
  start,
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const work = yield* Effect.promise(() => import("../daemon/StartDaemon.ts"))
    yield* work.startDaemon({ ...input, json })
  })
).pipe(
  Command.withDescription(
    "Start this machine's daemon in the background, and wait until it says that it runs, or why it does not."
  ),
  Command.withShortDescription("Start the daemon in the background")
)

const stopCommand = Command.make(
  "stop",
  { data: dataFlag },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const work = yield* Effect.promise(() => import("../daemon/StopDaemon.ts"))
    yield* work.stopDaemon({ ...input, json })
  })
).pipe(
  Command.withDescription("Ask this machine's daemon to end, and wait until it has."),
  Command.withShortDescription("Stop the daemon")
)

const statusCommand = Command.make(
  "status",
  { data: dataFlag },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const work = yield* Effect.promise(() => import("../daemon/ShowStatus.ts"))
    yield* work.daemonStatus({ ...input, json })
  })
).pipe(
  Command.withDescription("Say how this machine's daemon is: its runtimes, its server, and what is wrong."),
  Command.withShortDescription("Say how the daemon is")
)

const logsCommand = Command.make(
  "logs",
  {
    data: dataFlag,
    lines: wholeNumberFlag("lines", { min: 0, max: 100_000 }).pipe(
      Flag.withAlias("n"),
      Flag.withDescription("How many of the latest lines (default 100)"),
      Flag.withDefault(100)
    ),
    follow: Flag.Boolean("follow").pipe(
      Flag.withAlias("f"),
      Flag.withoutNegation,
      Flag.withDescription("Go on with the lines to come, until Ctrl-C"),
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const work = yield* Effect.promise(() => import("../daemon/ShowLogs.ts"))
    yield* work.daemonLogs({ ...input, json })
  })
).pipe(
  Command.withDescription("Show the log of the daemon in the background (daemon.log in the data folder)."),
  Command.withShortDescription("Show the daemon's log")
)

const installCommand = Command.make(
  "install",
  {
    ...start,
    systemUnit: Flag.Boolean("system-unit").pipe(
      Flag.withoutNegation,
      Flag.withDescription(
        "Write nothing; print a unit for systemd's system manager, which runs without a login (Linux)"
      ),
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const work = yield* Effect.promise(() => import("../daemon/InstallDaemon.ts"))
    yield* work.installDaemon({ ...input, json })
  })
).pipe(
  Command.withDescription(
    "Write a service of your own that runs the daemon: a systemd user unit, or a launchd agent. It says how to start it."
  ),
  Command.withShortDescription("Make the daemon a service")
)

export const daemon = Command.make(
  "daemon",
  {
    ...start,
    logFormat: logFormatFlag("pretty"),
    logFile: Flag.String("log-file").pipe(
      Flag.withDescription("Write logs to this file instead of stderr; at 4 MiB it is begun anew, one older is kept"),
      Flag.optional
    )
  },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const { runDaemon } = yield* Effect.promise(() => import("../service/RunDaemon.ts"))
    return yield* Effect.provide(
      runDaemon({ ...input, json }),
      layerLogs(input.logFormat, "Info", input.logFile)
    )
  })
).pipe(
  Command.withDescription(
    "Serve this machine's agent CLIs to a server, in the foreground. The server and the token come from " +
      "MUSTER_SERVER_URL and MUSTER_TOKEN, else from the profile (muster login)."
  ),
  Command.withShortDescription("Serve this machine's agent CLIs to a server"),
  Command.withSubcommands([startCommand, stopCommand, statusCommand, logsCommand, installCommand])
)
