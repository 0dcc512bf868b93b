import {
  Access,
  type Added,
  cleanJson,
  cleanText,
  type Json,
  maxSkillPage,
  type NewSkill,
  type Skill,
  type SkillId,
  SkillLibrary,
  type SkillSummary,
  type UserId,
  type WholeSkill,
  WorkspaceAbsent,
  type WorkspaceId
} from "@muster/domain"
import { Clock, Effect, Layer, Option, Struct } from "effect"
import { byCodePoint } from "./CodePoints.ts"
import { SkillState } from "./SkillState.ts"

const withoutFiles = (skill: WholeSkill): Skill => Struct.omit(skill, ["files"])

const summary = (skill: WholeSkill): SkillSummary => ({
  ...Struct.omit(skill, ["content", "files"]),
  fileCount: skill.files.length + 1
})

/** What an addition writes, whether it makes a skill or replaces one. */
const written = ({ config, content, description, files, name }: NewSkill, now: number) => ({
  name: cleanText(name),
  description: cleanText(description),
  content: cleanText(content),
  config: cleanJson(config) as Json,
  files: files.map(({ content, executable, path }) => ({
    path: cleanText(path),
    content: cleanText(content),
    ...(executable === true ? { executable } : {})
  }))
    .toSorted((a, b) => byCodePoint(a.path, b.path)),
  updatedAt: now
})

const add = ({ skills }: SkillState, input: NewSkill, createdBy: UserId | null, now: number): Added => {
  const fields = written(input, now)
  const same = skills.get(input.id)
  if (same !== undefined) return { _tag: "Created", skill: withoutFiles(same) }
  const existing = [...skills.values()].find((skill) =>
    skill.workspaceId === input.workspaceId && skill.name === fields.name
  )
  if (existing !== undefined && !(input.overwrite && existing.createdBy === input.author)) {
    return { _tag: "Conflict", skill: withoutFiles(existing) }
  }
  const { id, workspaceId } = input
  const skill: WholeSkill = existing === undefined
    ? { id, workspaceId, createdBy, createdAt: now, ...fields }
    : { ...existing, ...fields }
  skills.set(skill.id, skill)
  return { _tag: existing === undefined ? "Created" : "Overwritten", skill: withoutFiles(skill) }
}

const list = ({ skills }: SkillState, workspace: WorkspaceId, after: string | undefined, most: number) =>
  [...skills.values()]
    .filter(({ name, workspaceId }) =>
      workspaceId === workspace && (after === undefined || byCodePoint(name, after) > 0)
    )
    .toSorted((a, b) => byCodePoint(a.name, b.name))
    .slice(0, Math.min(most, maxSkillPage))
    .map(summary)

const find = ({ skills }: SkillState, workspace: WorkspaceId, id: SkillId) =>
  Option.filter(Option.fromUndefinedOr(skills.get(id)), ({ workspaceId }) => workspaceId === workspace)

const make = (state: SkillState, access: Access["Service"]) =>
  SkillLibrary.of({
    add: Effect.fnUntraced(function*(input: NewSkill) {
      const { workspaceId } = input
      if (Option.isNone(yield* access.workspace(workspaceId))) return yield* new WorkspaceAbsent({ workspaceId })
      const author = yield* access.user(input.author)
      return add(state, input, Option.getOrNull(author)?.id ?? null, yield* Clock.currentTimeMillis)
    }),
    list: (workspace, { after, most }) => Effect.sync(() => list(state, workspace, after, most)),
    get: (workspace, id) => Effect.sync(() => find(state, workspace, id)),
    remove: (workspace, id) => Effect.sync(() => Option.isSome(find(state, workspace, id)) && state.skills.delete(id))
  })

/** Skills in this process's memory. Nothing outlives the process. */
export const SkillLibraryMemory = {
  /** A node on this state: nodes on the same state are one backend. */
  layerOn: (state: SkillState): Layer.Layer<SkillLibrary, never, Access> =>
    Layer.effect(SkillLibrary, Effect.map(Access, (access) => make(state, access))),
  /** A backend of its own for each build. */
  layer: Layer.effect(SkillLibrary, Effect.map(Access, (access) => make(new SkillState(), access)))
}
