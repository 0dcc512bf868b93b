import { Schema } from "effect"
import type { Role, UserId } from "./Identity.ts"

/** Who may use a runtime: its owner, or every member of its workspace. */
export const Visibility = Schema.Literals(["private", "public"])
export type Visibility = typeof Visibility.Type

/**
 * What a person may do with a runtime of a workspace:
 * - `see`: the runtime, its status, its kept models, the skills on its machine, its requests and their results
 * - `use`: what starts its CLI or spends its owner's credentials: live lists of models, pings, tasks
 *   It also chooses the runtime's default model
 * - `import`: copy a skill from its machine to the workspace
 * - `update`: change the version of Muster on its machine
 * - `edit`: its name, time zone and visibility; `delete`
 * - `takeOver`: become the owner of it and of the other runtimes of its daemon
 */
export type RuntimeAction = "see" | "use" | "import" | "update" | "edit" | "delete" | "takeOver"

/** The relation of a person to a runtime: their role in its workspace, and whether they own it. */
export interface Standing {
  readonly role: Role
  readonly isOwner: boolean
  readonly visibility: Visibility
}

const isManager = ({ role }: Standing) => role !== "member"
const isUser = ({ isOwner, visibility }: Standing) => isOwner || visibility === "public"

/**
 * The table of permissions on a runtime. Only its owner can use a private runtime, whatever the role of others. A
 * manager (owner or admin of the workspace) who wants to use it makes it public first, which every member can see.
 */
const table: Record<RuntimeAction, (standing: Standing) => boolean> = {
  see: () => true,
  use: isUser,
  import: isUser,
  update: (standing) => standing.isOwner || (isUser(standing) && isManager(standing)),
  edit: (standing) => standing.isOwner || isManager(standing),
  delete: (standing) => standing.isOwner || isManager(standing),
  takeOver: isManager
}

export const runtimeActions = Object.keys(table) as ReadonlyArray<RuntimeAction>

export const mayAct = (action: RuntimeAction, standing: Standing): boolean => table[action](standing)

/** The relation of `user`, who has this role in the runtime's workspace, to the runtime. */
export const standingOf = (
  role: Role,
  user: UserId,
  { ownerId, visibility }: { readonly ownerId: UserId | null; readonly visibility: Visibility }
): Standing => ({ role, isOwner: ownerId !== null && ownerId === user, visibility })

/**
 * Whether a member may rename, label, drain and remove a machine: their own, or any as owner or admin of the workspace.
 */
export const mayManageMachine = ({ isOwner, role }: Pick<Standing, "role" | "isOwner">): boolean =>
  isOwner || role !== "member"

/** Whether a member may cancel a task: one of their own, one on their runtime, or any as owner or admin of the workspace. */
export const mayCancelTask = (
  { isCreator, isOwner, role }: Pick<Standing, "role" | "isOwner"> & { readonly isCreator: boolean }
): boolean => isCreator || isOwner || role !== "member"

/** Whether a member may create, see and revoke join keys, which admit any number of machines. */
export const mayManageJoinKeys = (role: Role): boolean => role !== "member"

/** The verb that a refusal uses for actions that depend on visibility. */
const verbs: Partial<Record<RuntimeAction, string>> = { use: "use", import: "import skills from", update: "update" }

/** Why a person may not, for people and for machines. `runtime_private`: making the runtime public would help. */
export interface ActionRefusal {
  readonly error: string
  readonly code: "forbidden" | "runtime_private"
}

/**
 * Why a person may not do this, and what to do about it. `owner`: the name of the runtime's owner; null: none. Source
 * of the sentences for `edit` and `delete`: `docs/protocol.md` 8.2, 8.3.
 */
export const refusalOf = (action: RuntimeAction, standing: Standing, owner: string | null): ActionRefusal => {
  if (action === "takeOver") {
    return { error: "only owners and admins of the workspace can take over runtimes", code: "forbidden" }
  }
  const verb = verbs[action]
  if (verb === undefined) return { error: `you can only ${action} your own runtimes`, code: "forbidden" }
  const helper = owner ?? "an owner or admin of the workspace"
  if (standing.visibility === "public") {
    const users = "only the owner of this runtime and owners and admins of the workspace"
    return { error: `insufficient permissions: ${users} can ${verb} it; ask ${helper}`, code: "forbidden" }
  }
  const next = isManager(standing)
    ? `make it public first${owner === null ? "" : `, or ask ${owner} to do so`}`
    : `ask ${helper} to make it public`
  return {
    error: `insufficient permissions: this runtime is private, only its owner can ${verb} it; ${next}`,
    code: "runtime_private"
  }
}
