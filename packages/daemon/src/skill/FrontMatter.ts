import { Predicate, Result } from "effect"
import { Yaml } from "effect/encoding"

/** What a skill says of itself; empty where it says nothing. */
export interface FrontMatter {
  readonly name: string
  readonly description: string
}

/** The most characters of a front matter; a longer one is read as none. */
const longest = 64 * 1024

/** The lines between a first line `---` and the next one. */
const blockOf = (text: string): string | undefined => {
  const head = text.slice(0, longest).replace(/^\uFEFF/, "")
  return /^---[ \t]*\r?\n([\s\S]*?)^---[ \t]*$/m.exec(head.startsWith("---") ? head : "")?.[1]
}

const word = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value).trim() : ""

/** `key: text` where the YAML is none: people write colons into descriptions, and the CLIs bear with it. */
const line = (block: string, key: string): string => {
  const found = new RegExp(`^${key}:[ \\t]*(.*)$`, "m").exec(block)?.[1]?.trim() ?? ""
  return /^(["']).*\1$/.test(found) ? found.slice(1, -1) : found
}

/** The name and description in the YAML block at the head of a `SKILL.md`. */
export const frontMatterOf = (text: string): FrontMatter => {
  const block = blockOf(text)
  if (block === undefined) return { name: "", description: "" }
  const read = Result.try(() => Yaml.parse(block))
  if (Result.isFailure(read)) return { name: line(block, "name"), description: line(block, "description") }
  const fields = Predicate.isObject(read.success) ? read.success as Record<string, unknown> : {}
  return { name: word(fields["name"]), description: word(fields["description"]) }
}
