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
