import type { Skill } from "@muster/domain"

/** Returns the origin of a skill; empty if unknown. */
export const originOf = ({ config }: Pick<Skill.SkillSummary, "config">): string => {
  const origin = config["origin"]
  if (typeof origin !== "object" || origin === null || Array.isArray(origin)) return ""
  const { provider, source_path } = origin as Readonly<Record<string, unknown>>
  return [provider, source_path].filter((part) => typeof part === "string" && part !== "").join(" · ")
}
