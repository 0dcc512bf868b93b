import { Config, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { layerLogs } from "../service/Logs.ts"
import { dataFlag, hostFlag, logFormatFlag, portFlag } from "../service/serviceFlags.ts"
import { muster } from "./Muster.ts"

export const server = Command.make(
  "server",
  {
    port: portFlag,
    host: hostFlag("0.0.0.0"),
    data: dataFlag,
    databaseUrl: Flag.Redacted("database-url").pipe(
      Flag.withDescription("A PostgreSQL to use instead of the embedded store (DATABASE_URL)"),
      Flag.withFallbackConfig(Config.Redacted("DATABASE_URL")),
      Flag.optional
    ),
    redisUrl: Flag.Redacted("redis-url").pipe(
      Flag.withDescription("A Redis for requests, signs of life and hints, beside the PostgreSQL (REDIS_URL)"),
      Flag.withFallbackConfig(Config.Redacted("REDIS_URL")),
      Flag.optional
    ),
    drain: Flag.Int("drain").pipe(
      Flag.withDescription(
        "The seconds that many sockets may take to leave when the server stops (MUSTER_DRAIN_SECONDS; default 1.5)"
      ),
      Flag.withFallbackConfig(Config.Int("MUSTER_DRAIN_SECONDS")),
      Flag.filter((seconds) => seconds >= 0 && seconds <= 600, () => "seconds from 0 to 600"),
      Flag.optional
    ),
    logFormat: logFormatFlag("json")
  },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const { runServer } = yield* Effect.promise(() => import("../service/runServer.ts"))
    return yield* Effect.provide(runServer({ ...input, json }), layerLogs(input.logFormat, "Info"))
  })
).pipe(
  Command.withDescription("Run a server alone. SIGTERM and Ctrl-C drain it."),
  Command.withShortDescription("Run a server alone")
)
