import { Config, Option } from "effect"
import { Flag } from "effect/cli"

const digits = /^\d{1,15}$/

/**
 * A flag that takes a whole number from `min` to `max`, with the environment variable `variable` as fallback. Other values
 * are refused with an error that names the bounds.
 */
export const wholeNumberFlag = (
  name: string,
  { max, min, variable }: { readonly min: number; readonly max: number; readonly variable?: string }
) => {
  const from = variable === undefined ? "" : ` (--${name}, or the variable ${variable})`
  const text = Flag.String(name).pipe(Flag.withMetavar("number"))
  return (variable === undefined ? text : Flag.withFallbackConfig(text, Config.String(variable))).pipe(
    Flag.filterMap(
      (given) => {
        const value = digits.test(given.trim()) ? Number(given) : Number.NaN
        return value >= min && value <= max ? Option.some(value) : Option.none()
      },
      () => `a whole number from ${min} to ${max}${from}`
    )
  )
}

/** Flags of the commands that run until they are stopped. Each has an environment variable; the flag takes precedence. */

export const portFlag = wholeNumberFlag("port", { min: 0, max: 65_535, variable: "PORT" }).pipe(
  Flag.withDescription("The port to listen on; 0 for any free port (PORT; default: 8080)"),
  Flag.withDefault(8080)
)

export const hostFlag = (whenUnset: string) =>
  Flag.String("host").pipe(
    Flag.withDescription(`The address to listen on (HOST; default: ${whenUnset})`),
    Flag.withFallbackConfig(Config.NonEmptyString("HOST")),
    Flag.withDefault(whenUnset)
  )

export const dataFlag = Flag.String("data").pipe(
  Flag.withDescription("The data folder (MUSTER_DATA; default: ~/.muster)"),
  Flag.withFallbackConfig(Config.NonEmptyString("MUSTER_DATA")),
  Flag.withDefault("~/.muster")
)

export const logFormatFlag = (whenUnset: LogFormat) =>
  Flag.Literals("log-format", ["pretty", "json", "logfmt"]).pipe(
    Flag.withDescription(`The format of logs on stderr (MUSTER_LOG_FORMAT; default: ${whenUnset})`),
    Flag.withFallbackConfig(Config.Literals(["pretty", "json", "logfmt"], "MUSTER_LOG_FORMAT")),
    Flag.withDefault(whenUnset)
  )

export type LogFormat = "pretty" | "json" | "logfmt"

/** The flag that chooses the workspace of a command. */
export const workspaceFlag = Flag.String("workspace").pipe(
  Flag.withDescription("The workspace, by id or slug (default: the profile's, or the only one you are in)"),
  Flag.optional
)
