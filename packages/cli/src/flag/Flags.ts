import { Config, Option } from "effect"
import { Flag } from "effect/cli"

const digits = /^\d{1,15}$/

/**
 * A flag that takes a whole number from `min` to `max`, or the environment variable `variable` in its place. Whatever else
 * is given is refused with these bounds; the library's own number flag names a type instead.
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

/** Which workspace a command is about. */
export const workspaceFlag = Flag.String("workspace").pipe(
  Flag.withDescription("The workspace, by id or slug (default: the profile's, or the only one you are in)"),
  Flag.optional
)
