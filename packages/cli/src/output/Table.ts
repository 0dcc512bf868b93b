import * as CliOutput from "effect/cli/CliOutput"

const gap = "  "

/** Rows as aligned columns under their headings; widths are counted in terminal cells, styling left out. */
export const table = (headings: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const all = [headings, ...rows]
  const widths = headings.map((_, column) => Math.max(...all.map((row) => CliOutput.displayWidth(row[column] ?? ""))))
  const line = (row: ReadonlyArray<string>) =>
    row.map((cell, column) => cell + " ".repeat(Math.max(0, widths[column]! - CliOutput.displayWidth(cell)))).join(gap)
  return all.map((row) => line(row).trimEnd()).join("\n")
}
