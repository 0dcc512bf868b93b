import { Context, type Effect, type Option } from "effect"
import type { UserId, WorkspaceId } from "../access/Identity.ts"
import type { MemberRefused } from "../membership/Membership.ts"
import type { StoreUnavailable } from "../store/StoreUnavailable.ts"
import type { Added, RepositoriesFull, Repository, RepositoryUrl, Settings } from "./Repository.ts"

/** A change by a member, `by`, whose role is checked in the write (`MemberRules.mayEditWorkspace`). */
interface Change {
  readonly workspaceId: WorkspaceId
  readonly by: UserId
}

/**
 * The repositories that agents of a workspace may check out, and the workspace's settings. They are kept in the
 * workspace's own record (`Workspace.repos`, `Workspace.settings`), which `Membership.editWorkspace` can also write: there
 * is one truth for every client. Every operation is one transaction, and changes of one workspace are serialized. A store
 * that cannot answer is `StoreUnavailable`, never absence. Times come from `Clock`.
 */
export class Repositories extends Context.Service<Repositories, {
  /** In the order in which they were added. None: no such workspace. */
  readonly list: (
    workspace: WorkspaceId
  ) => Effect.Effect<Option.Option<ReadonlyArray<Repository>>, StoreUnavailable>
  /** Idempotent: an address that the list has, however it is spelled, is returned as it is. */
  readonly add: (
    change: Change & { readonly address: RepositoryUrl }
  ) => Effect.Effect<Pick<Added, "repository" | "isNew">, MemberRefused | RepositoriesFull | StoreUnavailable>
  /** Removes every spelling of this address. False: the list has none. */
  readonly remove: (
    change: Change & { readonly url: string }
  ) => Effect.Effect<boolean, MemberRefused | StoreUnavailable>
  /** None: no such workspace. */
  readonly settings: (workspace: WorkspaceId) => Effect.Effect<Option.Option<Settings>, StoreUnavailable>
  /** An absent setting does not change, and neither do keys of the record that are no settings of Muster. */
  readonly editSettings: (
    change: Change & { readonly edit: Partial<Settings> }
  ) => Effect.Effect<Settings, MemberRefused | StoreUnavailable>
}>()("@muster/domain/repository/Repositories") {}
