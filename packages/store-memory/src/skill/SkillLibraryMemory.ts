import { Access, type Identity, type Request, RuntimeRegistry, type Skill, SkillLibrary, Store } from "@muster/domain"
import { Clock, Effect, Layer, Option, Struct } from "effect"
import { byCodePoint } from "./CodePoints.ts"
import { SkillState } from "./SkillState.ts"

const withoutFiles = (skill: Skill.WholeSkill): Skill.Skill => Struct.omit(skill, ["files"])

const summary = (skill: Skill.WholeSkill): Skill.SkillSummary => ({
  ...Struct.omit(skill, ["content", "files"]),
  fileCount: skill.files.length + 1
})

/** The fields that an addition writes, for a new and for a replaced skill. */
const written = ({ config, content, description, files, name }: SkillLibrary.NewSkill, now: number) => ({
  name: Store.cleanText(name),
  description: Store.cleanText(description),
  content: Store.cleanText(content),
  config: Store.cleanJson(config) as Request.Json,
  files: files.map(({ content, executable, path }) => ({
    path: Store.cleanText(path),
    content: Store.cleanText(content),
    ...(executable === true ? { executable } : {})
  }))
    .toSorted((a, b) => byCodePoint(a.path, b.path)),
  updatedAt: now
})

const add = (
  { skills }: SkillState,
  input: SkillLibrary.NewSkill,
  createdBy: Identity.UserId | null,
  now: number
): SkillLibrary.Added => {
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
  const skill: Skill.WholeSkill = existing === undefined
    ? { id, workspaceId, createdBy, createdAt: now, ...fields }
    : { ...existing, ...fields }
  skills.set(skill.id, skill)
  return { _tag: existing === undefined ? "Created" : "Overwritten", skill: withoutFiles(skill) }
}

const list = ({ skills }: SkillState, workspace: Identity.WorkspaceId, after: string | undefined, max: number) =>
  [...skills.values()]
    .filter(({ name, workspaceId }) =>
      workspaceId === workspace && (after === undefined || byCodePoint(name, after) > 0)
    )
    .toSorted((a, b) => byCodePoint(a.name, b.name))
    .slice(0, Math.min(max, SkillLibrary.maxPage))
    .map(summary)

const find = ({ skills }: SkillState, workspace: Identity.WorkspaceId, id: Skill.SkillId) =>
  Option.filter(Option.fromUndefinedOr(skills.get(id)), ({ workspaceId }) => workspaceId === workspace)

const make = (state: SkillState, access: Access.Access["Service"]) =>
  SkillLibrary.SkillLibrary.of({
    add: Effect.fnUntraced(function*(input: SkillLibrary.NewSkill) {
      const { workspaceId } = input
      if (Option.isNone(yield* access.workspace(workspaceId))) {
        return yield* new RuntimeRegistry.WorkspaceAbsent({ workspaceId })
      }
      const author = yield* access.user(input.author)
      return add(state, input, Option.getOrNull(author)?.id ?? null, yield* Clock.currentTimeMillis)
    }),
    list: (workspace, { after, max }) => Effect.sync(() => list(state, workspace, after, max)),
    get: (workspace, id) => Effect.sync(() => find(state, workspace, id)),
    remove: (workspace, id) => Effect.sync(() => Option.isSome(find(state, workspace, id)) && state.skills.delete(id))
  })

/** Skills in this process's memory. Nothing outlives the process. */
export const SkillLibraryMemory = {
  /** A node on this state: nodes on the same state are one backend. */
  layerOn: (state: SkillState): Layer.Layer<SkillLibrary.SkillLibrary, never, Access.Access> =>
    Layer.effect(SkillLibrary.SkillLibrary, Effect.map(Access.Access, (access) => make(state, access))),
  /** A backend of its own for each build. */
  layer: Layer.effect(SkillLibrary.SkillLibrary, Effect.map(Access.Access, (access) => make(new SkillState(), access)))
}
