import { Config, Effect, Layer, Logger, LogLevel, Option, References } from "effect"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import type { LogFormat } from "../flag/Flags.ts"
import { layerLogFile } from "./LogFile.ts"

const loggers = {
  pretty: () => Logger.consolePretty({ mode: "tty" }),
  json: () => Logger.withConsoleError(Logger.formatJson),
  logfmt: () => Logger.withConsoleError(Logger.formatLogFmt)
}

/** MUSTER_LOG_LEVEL, case-insensitive; an unknown level is ignored. */
const fromEnvironment = Config.String("MUSTER_LOG_LEVEL").pipe(
  Config.option,
  Effect.orElseSucceed(() => Option.none<string>()),
  Effect.map(
    Option.flatMapNullishOr((word) =>
      LogLevel.values.find((level) => level.toLowerCase() === word.trim().toLowerCase())
    )
  )
)

/**
 * Writes the logs of a service to stderr in the given format, or to a file of bounded size in logfmt. The minimum level comes
 * from --log-level, MUSTER_LOG_LEVEL or the default.
 */
export const layerLogs = (
  format: LogFormat,
  whenUnset: LogLevel.LogLevel,
  file: Option.Option<string> = Option.none()
) =>
  Layer.unwrap(Effect.gen(function*() {
    const configured = yield* fromEnvironment
    const asked = Option.orElse(yield* GlobalFlag.LogLevel, () => configured)
    return Layer.mergeAll(
      Option.isSome(file) ? layerLogFile(file.value) : Logger.layer([loggers[format]()]),
      Layer.succeed(Logger.LogToStderr, true),
      Layer.succeed(References.MinimumLogLevel, Option.getOrElse(asked, () => whenUnset))
    )
  }))
