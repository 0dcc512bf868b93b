import { Predicate, Result } from "effect"
import { Yaml } from "effect/encoding"
import { type KeyBlock, keyBlocks, plainText } from "./KeyBlocks.ts"

/** What a skill's front matter states; empty: absent. */
export interface FrontMatter {
  readonly name: string
  readonly description: string
  /** What is unusual about it, so that some CLIs may read it differently or not at all. */
  readonly notes: ReadonlyArray<string>
}

/** What may be unusual about a front matter. */
export const frontMatterNotes = {
  absent: "SKILL.md has no front matter",
  open: "the front matter of SKILL.md is not closed",
  invalid: "the front matter of SKILL.md is not valid YAML",
  undescribed: "SKILL.md has no description"
} as const

/** The maximum characters of a front matter; the rest is not read. */
const maxHead = 64 * 1024

interface Block {
  readonly lines: ReadonlyArray<string>
  readonly closed: boolean
}

/** The lines between a first line `---` and the next one, or all that follow. Undefined: no first one. */
const blockOf = (text: string): Block | undefined => {
  const head = text.slice(0, maxHead).replace(/^\uFEFF/, "").replaceAll(/\r\n?/g, "\n")
  const [first, ...rest] = head.replace(/^(?:[ \t]*\n)+/, "").split("\n")
  if (!/^---[ \t]*$/.test(first ?? "")) return undefined
  const end = rest.findIndex((line) => /^(?:---|\.\.\.)[ \t]*$/.test(line))
  return { lines: end < 0 ? rest : rest.slice(0, end), closed: end >= 0 }
}

const parse = (source: string): Record<string, unknown> | undefined =>
  Result.match(Result.try(() => Yaml.parse(source)), {
    onFailure: () => undefined,
    onSuccess: (value) => Predicate.isObject(value) ? value as Record<string, unknown> : {}
  })

/** Numbers and booleans keep their text: `1.10` is not 1.1. So do words with a colon on one line. */
const wordOf = (value: unknown, block: KeyBlock | undefined): string => {
  if (typeof value === "string") return value.trim()
  const written = block === undefined ? "" : plainText(block)
  if (typeof value === "number" || typeof value === "boolean") return written.replace(/\s+#.*$/, "") || String(value)
  return Predicate.isObject(value) && !Array.isArray(value) && !written.startsWith("{") ? written : ""
}

const tabsToSpaces = (source: string) => source.replaceAll(/^[ \t]+/gm, (indent) => indent.replaceAll("\t", "  "))

/** The value of a key's own lines, independent of the lines around them: as YAML if valid, else as plain text. */
const alone = (block: KeyBlock): string => {
  const source = block.lines.join("\n")
  const fields = parse(source) ?? parse(tabsToSpaces(source))
  return fields === undefined ? plainText(block) : wordOf(fields[block.key], block)
}

/**
 * The name and description in the front matter of a `SKILL.md`, as its author meant them. If the whole is not valid
 * YAML, as with `argument-hint: [service] [--env]`, each key's lines are read separately; the last of duplicate keys
 * counts. One that is not closed counts if it has both.
 */
export const of = (text: string): FrontMatter => {
  const block = blockOf(text)
  if (block === undefined) return { name: "", description: "", notes: [frontMatterNotes.absent] }
  const blocks = keyBlocks(block.lines)
  const whole = block.closed ? parse(block.lines.join("\n")) : undefined
  const read = (key: string): string => {
    const own = blocks.filter((one) => one.key === key)
    const word = whole === undefined ? "" : wordOf(whole[key], own[0])
    return word === "" ? own.map(alone).findLast((word) => word !== "") ?? "" : word
  }
  const [name, description] = [read("name"), read("description")]
  if (!block.closed && (name === "" || description === "")) {
    return { name: "", description: "", notes: [frontMatterNotes.open] }
  }
  const notes = [
    ...(block.closed ? whole === undefined ? [frontMatterNotes.invalid] : [] : [frontMatterNotes.open]),
    ...(description === "" ? [frontMatterNotes.undescribed] : [])
  ]
  return { name, description, notes }
}
