import type { Skill } from "@muster/domain"

/** The table of skills. Layers built on the same state are nodes of one backend. Rows are never changed in place. */
export class SkillState {
  readonly skills = new Map<Skill.SkillId, Skill.WholeSkill>()
}
