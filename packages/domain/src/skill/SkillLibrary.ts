import { Context, type Effect, type Option } from "effect"
import type { UserId, WorkspaceId } from "../access/Identity.ts"
import type { Json } from "../request/Request.ts"
import type { WorkspaceAbsent } from "../runtime/RuntimeRegistry.ts"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"
import type { Skill, SkillFile, SkillId, SkillSummary, WholeSkill } from "./Skill.ts"

export interface NewSkill {
  /** The caller chooses it, so that a repeated call is recognized. */
  readonly id: SkillId
  readonly workspaceId: WorkspaceId
  readonly name: string
  readonly description: string
  readonly content: string
  readonly config: Json
  /** Paths are unique and as `SkillPath.filePath` returns them. */
  readonly files: ReadonlyArray<SkillFile>
  readonly author: UserId
  /** Replaces text and files of a skill of this name by the same author, which keeps its id. */
  readonly overwrite: boolean
}

export type Added =
  | { readonly _tag: "Created"; readonly skill: Skill }
  | { readonly _tag: "Overwritten"; readonly skill: Skill }
  /** A skill of this name exists; nothing was written. */
  | { readonly _tag: "Conflict"; readonly skill: Skill }

/** The maximum number of skills of one page of a list. */
export const maxPage = 200

/**
 * The skills of workspaces. Every operation is one transaction. Text is kept without NUL and halves of characters.
 * An absent thing is `Option.none`; a store that cannot answer is `StoreUnavailable`, never absence.
 */
export class SkillLibrary extends Context.Service<SkillLibrary, {
  /** Adds the skill with all its files, or nothing. Idempotent by id: an existing one is returned as made. */
  readonly add: (input: NewSkill) => Effect.Effect<Added, WorkspaceAbsent | StoreUnavailable>
  /** By name in the order of code points, those after `after`; at most `max`, which is at most 200. */
  readonly list: (workspace: WorkspaceId, page: {
    readonly after: string | undefined
    readonly max: number
  }) => Effect.Effect<ReadonlyArray<SkillSummary>, StoreUnavailable>
  readonly get: (workspace: WorkspaceId, id: SkillId) => Effect.Effect<Option.Option<WholeSkill>, StoreUnavailable>
  /** With its files. False: not in this workspace, or gone already. */
  readonly remove: (workspace: WorkspaceId, id: SkillId) => Effect.Effect<boolean, StoreUnavailable>
}>()("@muster/domain/skill/SkillLibrary") {}
