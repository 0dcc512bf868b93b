import { Config, Console, Effect, Option } from "effect"
import * as CliOutput from "effect/cli/CliOutput"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as Terminal from "effect/Terminal"

const gap = "  "
const escape = "\u001B"

/** The minimum width of a column that is cut, in terminal cells. */
const minWidth = 8

/** The heading of ids: the first characters of an id are enough to name what has it. */
const idHeading = "ID"

const plain = /^[\u0020-\u007E]*$/
// oxlint-disable-next-line no-control-regex
const styling = /\u001B\[[0-9;]*m/g

/** The width of a text in terminal cells, without its styling. Nearly every text is plain, which needs no segmentation. */
const widthOf = (text: string): number => {
  if (plain.test(text)) return text.length
  const unstyled = text.replaceAll(styling, "")
  return plain.test(unstyled) ? unstyled.length : CliOutput.displayWidth(unstyled)
}

/** Made when it is used: its tables are megabytes. */
let segmenter: Intl.Segmenter | undefined

/** Returns the beginning of a text that has this width, with `end` where something is missing. */
const cut = (text: string, width: number, end: string): string => {
  if (widthOf(text) <= width) return text
  const room = width - widthOf(end)
  let kept = ""
  let used = 0
  for (const { segment } of (segmenter ??= new Intl.Segmenter()).segment(text)) {
    used += widthOf(segment)
    if (used > room) break
    kept += segment
  }
  return kept + end
}

/** Makes columns narrower until all fit: ids first, then always the widest one. Columns with styled cells keep their width. */
const fitted = (
  headings: ReadonlyArray<string>,
  widths: ReadonlyArray<number>,
  isStyled: ReadonlyArray<boolean>,
  width: number
): ReadonlyArray<number> => {
  const now = [...widths]
  const room = width - gap.length * (widths.length - 1)
  const excess = () => now.reduce((sum, one) => sum + one, 0) - room
  const floor = headings.map((heading) => Math.max(minWidth, widthOf(heading)))
  const shrink = (column: number, by: number) => {
    now[column] = Math.max(floor[column]!, now[column]! - by)
  }
  headings.forEach((heading, column) => {
    if (heading === idHeading && excess() > 0) shrink(column, now[column]!)
  })
  const cuttable = headings.map((_, column) => column).filter((column) => isStyled[column] !== true)
  while (excess() > 0) {
    const [widest] = cuttable.filter((column) => now[column]! > floor[column]!).toSorted((a, b) => now[b]! - now[a]!)
    if (widest === undefined) break
    shrink(widest, 1)
  }
  return now
}

/**
 * Returns rows as aligned columns with headings. Widths are terminal cells and ignore styling. With `width`, cells are cut
 * so that lines fit, as far as columns can become narrower.
 */
export const table = (
  headings: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  width?: number
): string => {
  const all = [headings, ...rows]
  const natural = headings.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ""))))
  const isStyled = headings.map((_, column) => rows.some((row) => row[column]?.includes(escape)))
  const widths = width === undefined ? natural : fitted(headings, natural, isStyled, width)
  const line = (row: ReadonlyArray<string>) =>
    row.map((cell, column) => {
      const shown = isStyled[column] === true
        ? cell
        : cut(cell, widths[column]!, headings[column] === idHeading ? "" : "…")
      return shown + " ".repeat(Math.max(0, widths[column]! - widthOf(shown)))
    }).join(gap)
  return all.map((row) => line(row).trimEnd()).join("\n")
}

/** The width of stdout in cells: COLUMNS, else that of the terminal. Undefined: stdout is not a terminal, so nothing is cut. */
export const outputWidth: Effect.Effect<number | undefined, never, Terminal.Terminal> = Effect.gen(function*() {
  const columns = yield* Effect.orElseSucceed(Config.option(Config.Int("COLUMNS")), () => Option.none<number>())
  if (Option.isSome(columns) && columns.value > 0) return columns.value
  const { canAnimate } = yield* TerminalCapabilities.TerminalCapabilities
  const width = yield* (yield* Terminal.Terminal).columns
  return canAnimate && width > 0 ? width : undefined
})

/** Prints a table that fits the terminal. */
export const printTable = (headings: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>) =>
  Effect.flatMap(outputWidth, (width) => Console.log(table(headings, rows, width)))
