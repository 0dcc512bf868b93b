/** A top-level key of a front matter and its lines: its own, and those that are indented below it. */
export interface KeyBlock {
  readonly key: string
  readonly lines: ReadonlyArray<string>
}

const keyLine = /^(["']?)([A-Za-z_][\w.-]*)\1[ \t]*:(?=[ \t]|$)/

const isBelow = (line: string) => /^(?:[ \t]|$)/.test(line)

const indentOf = (line: string) => line.length - line.trimStart().length

/** Removes the common indentation of all lines except blank ones. */
const dedent = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const indent = Math.min(...lines.filter((line) => line.trim() !== "").map(indentOf))
  return lines.map((line) => line.slice(Math.min(indent, indentOf(line))))
}

/**
 * The keys of a block that may not be valid YAML, in their order. A line that is neither a key nor below one ends the
 * key before it, and lines below such a line belong to no key; comments are left out.
 */
export const keyBlocks = (lines: ReadonlyArray<string>): ReadonlyArray<KeyBlock> => {
  const blocks: Array<{ readonly key: string; readonly lines: Array<string> }> = []
  let current: Array<string> | undefined
  for (const line of dedent(lines)) {
    const key = keyLine.exec(line)?.[2]
    if (key !== undefined) blocks.push({ key, lines: current = [line] })
    else if (isBelow(line)) current?.push(line)
    else if (!line.startsWith("#")) current = undefined
  }
  return blocks
}

/** Joins lines to one text: lines of a paragraph in a row, a blank line for each blank line. */
const folded = (lines: ReadonlyArray<string>): string =>
  lines.map((line) => line.trim() === "" ? "\n" : line.trim()).join(" ").replaceAll(/ ?\n ?/g, "\n").trim()

/** Removes the quotes around the whole text. */
const unquoted = (text: string): string => {
  const quoted = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)')$/s.exec(text)
  return quoted === null ? text : quoted[1]?.replaceAll("\\\"", "\"") ?? quoted[2]!.replaceAll("''", "'")
}

/** The value of a key's lines for text that is not valid YAML. */
export const plainText = ({ lines: [first = "", ...rest] }: KeyBlock): string => {
  const start = first.replace(keyLine, "").trim()
  const style = /^([|>])[+-]?\d?[+-]?[ \t]*(?:#.*)?$/.exec(start)?.[1]
  if (style === "|") return dedent(rest).join("\n").trim()
  return style === ">" ? folded(rest) : unquoted(folded([start, ...rest]))
}
