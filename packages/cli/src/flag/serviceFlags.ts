import { Config } from "effect"
import { Flag } from "effect/cli"
import { wholeNumberFlag } from "./wholeNumberFlag.ts"

/** Flags of the commands that run until they are stopped. Each is also an environment variable; the flag wins. */

export const portFlag = wholeNumberFlag("port", { min: 0, max: 65_535, variable: "PORT" }).pipe(
  Flag.withDescription("The port to listen on; 0 for any free one (PORT; default 8080)"),
  Flag.withDefault(8080)
)

export const hostFlag = (whenUnset: string) =>
  Flag.String("host").pipe(
    Flag.withDescription(`The address to listen on (HOST; default ${whenUnset})`),
    Flag.withFallbackConfig(Config.NonEmptyString("HOST")),
    Flag.withDefault(whenUnset)
  )

export const dataFlag = Flag.String("data").pipe(
  Flag.withDescription("The folder for everything that is kept (MUSTER_DATA; default ~/.muster)"),
  Flag.withFallbackConfig(Config.NonEmptyString("MUSTER_DATA")),
  Flag.withDefault("~/.muster")
)

export const logFormatFlag = (whenUnset: LogFormat) =>
  Flag.Literals("log-format", ["pretty", "json", "logfmt"]).pipe(
    Flag.withDescription(`How logs are written to stderr (MUSTER_LOG_FORMAT; default ${whenUnset})`),
    Flag.withFallbackConfig(Config.Literals(["pretty", "json", "logfmt"], "MUSTER_LOG_FORMAT")),
    Flag.withDefault(whenUnset)
  )

export type LogFormat = "pretty" | "json" | "logfmt"
