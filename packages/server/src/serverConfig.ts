import { Config, Option } from "effect"
import { homedir } from "node:os"
import { join } from "node:path"
import type { ServerOptions } from "./ServerOptions.ts"

const optional = <A>(config: Config.Config<A>) => Config.map(Config.option(config), Option.getOrUndefined)

const redacted = (name: string) => optional(Config.Redacted(name))

/** Reads a server's options from the environment variables in the README, for `main.ts` and for programs that embed a server. */
export const serverConfig: Config.Config<ServerOptions> = Config.all({
  host: Config.withDefault(Config.NonEmptyString("HOST"), "0.0.0.0"),
  port: Config.withDefault(Config.Int("PORT"), 8080),
  dataDir: Config.withDefault(Config.NonEmptyString("MUSTER_DATA"), join(homedir(), ".muster")),
  databaseUrl: redacted("DATABASE_URL"),
  databaseDirectUrl: redacted("DATABASE_DIRECT_URL"),
  redisUrl: redacted("REDIS_URL"),
  consoleFolder: optional(Config.NonEmptyString("MUSTER_CONSOLE")),
  drainWindow: optional(Config.map(Config.Finite("MUSTER_DRAIN_SECONDS"), (seconds) => seconds * 1_000))
})
