import * as SkillLimits from "./SkillLimits.ts"

/** The maximum characters of a skill's key. */
export const maxKey = 1_024

/** The parts of a path that remains below its start; undefined: it is absolute or leaves it. */
const partsOf = (path: string): ReadonlyArray<string> | undefined => {
  const slashed = path.replaceAll("\\", "/")
  if (slashed.startsWith("/")) return undefined
  const parts: Array<string> = []
  for (const part of slashed.split("/")) {
    if (part === "" || part === ".") continue
    if (part !== "..") parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  // A drive letter makes a path absolute, whatever precedes it.
  return parts.some((part) => /^[a-z]:/i.test(part)) ? undefined : parts
}

/**
 * A file's path within a skill in normal form: relative, with slashes. Undefined: not allowed, because it is empty,
 * absolute, leaves the skill, is longer than 512 characters, contains a NUL, or is the skill's own `SKILL.md` in any
 * spelling.
 */
export const filePath = (path: string): string | undefined => {
  if (path.includes("\0") || path.length > SkillLimits.limits.path) return undefined
  const [first = "", ...rest] = partsOf(path) ?? []
  // Some file systems ignore case, and dots and spaces at the end. Both conversions are needed, since a few letters
  // have two capitals or two small ones: the Kelvin sign, the long s.
  const second = first.toLowerCase().toUpperCase().replace(/[. ]+$/, "") === "SKILL.MD"
  return first === "" || second ? undefined : [first, ...rest].join("/")
}

// oxlint-disable-next-line no-control-regex
const unusual = /[\u0000-\u001F\u007F\\]/

/** Why the key of a skill is refused, in the protocol's words; undefined: it names a place below a root. */
export const refuseKey = (key: string): string | undefined => {
  if (key.trim() === "") return "skill key is required"
  const parts = key.length > maxKey || unusual.test(key) ? undefined : partsOf(key)
  // A `..` is refused even if the result is inside: beyond a link its target is not known.
  return parts === undefined || parts.length === 0 || key.split("/").includes("..") ? "invalid skill key" : undefined
}

/** The normalized key. Only for one that is not refused. */
export const cleanKey = (key: string): string => (partsOf(key.trim()) ?? []).join("/")
