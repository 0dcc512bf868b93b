import { Effect } from "effect"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"

const escape = "\u001B["
const wrap = (on: boolean, code: number) => (text: string) => on ? `${escape}${code}m${text}${escape}0m` : text

export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly red: (text: string) => string
}

/** The styles of stdout: colors on a terminal, unless NO_COLOR or TERM disable them. */
export const style: Effect.Effect<Style> = Effect.map(TerminalCapabilities.TerminalCapabilities, ({ canColor }) => ({
  bold: wrap(canColor, 1),
  dim: wrap(canColor, 2),
  red: wrap(canColor, 31),
  green: wrap(canColor, 32),
  yellow: wrap(canColor, 33)
}))
