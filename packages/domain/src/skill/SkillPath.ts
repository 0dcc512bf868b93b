import * as SkillLimits from "./SkillLimits.ts"

/** The most characters of a skill's key. */
export const maxKey = 1_024

/** The parts of a path that stays below where it starts; undefined for one that is absolute or climbs out. */
const partsOf = (path: string): ReadonlyArray<string> | undefined => {
  const slashed = path.replaceAll("\\", "/")
  if (slashed.startsWith("/")) return undefined
  const parts: Array<string> = []
  for (const part of slashed.split("/")) {
    if (part === "" || part === ".") continue
    if (part !== "..") parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  // A drive is the start of an absolute path, whatever stood before it.
  return parts.some((part) => /^[a-z]:/i.test(part)) ? undefined : parts
}

/**
 * A file's path within a skill as it is kept: relative, with slashes, nothing to normalise. Undefined where it may not be
 * kept: empty, absolute, climbing out, longer than 512 characters, with a NUL in it, or in the place of the skill's own
 * `SKILL.md`, however that is spelt.
 */
export const filePath = (path: string): string | undefined => {
  if (path.includes("\0") || path.length > SkillLimits.limits.path) return undefined
  const [first = "", ...rest] = partsOf(path) ?? []
  // Some file systems know neither case nor dots and spaces at the end.
  // Both ways, since a few letters have two capitals or two small ones: the Kelvin sign, the long s.
  const second = first.toLowerCase().toUpperCase().replace(/[. ]+$/, "") === "SKILL.MD"
  return first === "" || second ? undefined : [first, ...rest].join("/")
}

// oxlint-disable-next-line no-control-regex
const unusual = /[\u0000-\u001F\u007F\\]/

/** What is wrong with the key of a skill, in the protocol's words; undefined where it names a place below a root. */
export const refuseKey = (key: string): string | undefined => {
  if (key.trim() === "") return "skill key is required"
  const parts = key.length > maxKey || unusual.test(key) ? undefined : partsOf(key)
  // A climb is refused even where it ends inside: beyond a link nobody knows where it leads.
  return parts === undefined || parts.length === 0 || key.split("/").includes("..") ? "invalid skill key" : undefined
}

/** A key without what normalising takes away. Only for one that is not refused. */
export const cleanKey = (key: string): string => (partsOf(key.trim()) ?? []).join("/")
