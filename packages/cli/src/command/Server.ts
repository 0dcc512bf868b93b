import { Config, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { dataFlag, hostFlag, logFormatFlag, portFlag } from "../flag/Flags.ts"
import { wholeNumberFlag } from "../flag/Flags.ts"
import { layerLogs } from "../log/Logs.ts"
import { muster } from "./Root.ts"

export const server = Command.make(
  "server",
  {
    port: portFlag,
    host: hostFlag("0.0.0.0"),
    data: dataFlag,
    databaseUrl: Flag.Redacted("database-url").pipe(
      Flag.withDescription("A PostgreSQL database instead of the embedded one (DATABASE_URL)"),
      Flag.withFallbackConfig(Config.Redacted("DATABASE_URL")),
      Flag.optional
    ),
    databaseDirectUrl: Flag.Redacted("database-direct-url").pipe(
      Flag.withDescription(
        "The same database without a pooler; needed if the pooler pools transactions (DATABASE_DIRECT_URL)"
      ),
      Flag.withFallbackConfig(Config.Redacted("DATABASE_DIRECT_URL")),
      Flag.optional
    ),
    redisUrl: Flag.Redacted("redis-url").pipe(
      Flag.withDescription("A Redis for requests, liveness and wakes, in addition to PostgreSQL (REDIS_URL)"),
      Flag.withFallbackConfig(Config.Redacted("REDIS_URL")),
      Flag.optional
    ),
    drain: wholeNumberFlag("drain", { min: 0, max: 600, variable: "MUSTER_DRAIN_SECONDS" }).pipe(
      Flag.withDescription(
        "The seconds over which a stopping server closes its sockets (MUSTER_DRAIN_SECONDS; default: 1.5)"
      ),
      Flag.optional
    ),
    logFormat: logFormatFlag("json")
  },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const { runServer } = yield* Effect.promise(() => import("../service/RunServer.ts"))
    return yield* Effect.provide(runServer({ ...input, json }), layerLogs(input.logFormat, "Info"))
  })
).pipe(
  Command.withDescription("Run a server without a daemon. SIGTERM and Ctrl-C drain it."),
  Command.withShortDescription("Run a server without a daemon")
)
