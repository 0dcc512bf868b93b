import { Config, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { dataFlag, logFormatFlag } from "../flag/Flags.ts"
import { wholeNumberFlag } from "../flag/Flags.ts"
import { layerLogs } from "../log/Logs.ts"
import { muster } from "./Root.ts"

/** The flags of a daemon that is started. */
export const start = {
  data: dataFlag,
  name: Flag.String("name").pipe(
    Flag.withDescription("The name of this machine (MUSTER_DEVICE_NAME; default: its host name)"),
    Flag.withFallbackConfig(Config.NonEmptyString("MUSTER_DEVICE_NAME")),
    Flag.optional
  ),
  localPort: wholeNumberFlag("local-port", { min: 0, max: 65_535, variable: "MUSTER_LOCAL_PORT" }).pipe(
    Flag.withDescription(
      "The daemon's local port on 127.0.0.1; 0 for any free port (MUSTER_LOCAL_PORT; default: 19514 if it is free)"
    ),
    Flag.optional
  ),
  drainTasks: wholeNumberFlag("drain-tasks", { min: 0, max: 86_400, variable: "MUSTER_DRAIN_TASKS" }).pipe(
    Flag.withDescription(
      "The seconds that running tasks have to end when the daemon stops (MUSTER_DRAIN_TASKS; default: 0, of a service 600)"
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
    "Start this machine's daemon in the background, and wait until it runs or reports why it cannot."
  ),
  Command.withShortDescription("Start the daemon in the background")
)

const stopCommand = Command.make(
  "stop",
  {
    data: dataFlag,
    now: Flag.Boolean("now").pipe(
      Flag.withoutNegation,
      Flag.withDescription("End running tasks at once, whatever time they have (--drain-tasks)"),
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const work = yield* Effect.promise(() => import("../daemon/StopDaemon.ts"))
    yield* work.stopDaemon({ ...input, json })
  })
).pipe(
  Command.withDescription("Stop this machine's daemon and wait until it has ended."),
  Command.withShortDescription("Stop the daemon")
)

const restartCommand = Command.make(
  "restart",
  start,
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const work = yield* Effect.promise(() => import("../daemon/RestartDaemon.ts"))
    yield* work.restartDaemon({ ...input, json })
  })
).pipe(
  Command.withDescription(
    "Restart this machine's daemon: its service if it runs as one, else in the background. Starts it if it does not run."
  ),
  Command.withShortDescription("Restart the daemon")
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
  Command.withDescription("Show the status of this machine's daemon: its runtimes, its server, and problems."),
  Command.withShortDescription("Show the daemon's status")
)

const logsCommand = Command.make(
  "logs",
  {
    data: dataFlag,
    lines: wholeNumberFlag("lines", { min: 0, max: 100_000 }).pipe(
      Flag.withAlias("n"),
      Flag.withDescription("The number of latest lines to show (default: 100)"),
      Flag.withDefault(100)
    ),
    follow: Flag.Boolean("follow").pipe(
      Flag.withAlias("f"),
      Flag.withoutNegation,
      Flag.withDescription("Show new lines as they are written, until Ctrl-C"),
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
        "Write no file; print a unit for systemd's system manager, which runs without a login (Linux)"
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
    "Write a service that runs the daemon: a systemd user unit or a launchd agent. Prints how to start it."
  ),
  Command.withShortDescription("Install the daemon as a service")
)

const uninstallCommand = Command.make(
  "uninstall",
  { data: dataFlag },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const work = yield* Effect.promise(() => import("../daemon/UninstallDaemon.ts"))
    yield* work.uninstallDaemon({ ...input, json })
  })
).pipe(
  Command.withDescription("Stop the daemon's service and remove it. The data folder and the profile are kept."),
  Command.withShortDescription("Remove the daemon's service")
)

export const daemon = Command.make(
  "daemon",
  {
    ...start,
    logFormat: logFormatFlag("pretty"),
    logFile: Flag.String("log-file").pipe(
      Flag.withDescription("Write logs to this file instead of stderr; it is rotated at 4 MiB, with one older file"),
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
    "Connect this machine's agent CLIs to a server, in the foreground. The server and the token come from " +
      "MUSTER_SERVER_URL and MUSTER_TOKEN, else from the profile (muster login)."
  ),
  Command.withShortDescription("Connect this machine's agent CLIs to a server"),
  Command.withSubcommands([
    startCommand,
    stopCommand,
    restartCommand,
    statusCommand,
    logsCommand,
    installCommand,
    uninstallCommand
  ])
)
