import { type Identity, Skill, type SkillLibrary, type Workspace } from "@muster/domain"
import { Effect } from "effect"
import type { StoreNode } from "../runtime/StoreBackend.ts"

/** The id of the skill with this number. */
export const skillId = (n: number): Skill.SkillId =>
  Skill.SkillId.make(`00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`)

/** A skill with two files, one of which may be run. */
export const newSkill = (
  workspace: Workspace.Workspace,
  author: Identity.UserId,
  n: number,
  more: Partial<SkillLibrary.NewSkill> = {}
): SkillLibrary.NewSkill => ({
  id: skillId(n),
  workspaceId: workspace.id,
  name: `skill ${n}`,
  description: "what it does",
  content: "# Skill",
  config: { origin: { type: "runtime_local", runtime_id: "r", provider: "codex", source_path: "~/.codex/skills/a" } },
  files: [{ path: "b.md", content: "b" }, { path: "a/a.sh", content: "a", executable: true }],
  author,
  overwrite: false,
  ...more
})

/** Adds it and returns the result. */
export const add = (node: StoreNode, input: SkillLibrary.NewSkill) => Effect.orDie(node.skills.add(input))
