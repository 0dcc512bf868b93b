import type {
  Access,
  AuditLog,
  Catalogue,
  Limit,
  Liveness,
  Machines,
  Membership,
  Repositories,
  RequestJournal,
  RequestStore,
  RuntimeHistory,
  RuntimeRegistry,
  SkillLibrary,
  TaskLog,
  TaskQueue,
  Wake
} from "@muster/domain"

/** The contracts that a server requires. Provide `layerEnvironment` or your own layers. */
export type Stores =
  | Access.Access
  | AuditLog.AuditLog
  | Limit.LimitStore
  | Liveness.Liveness
  | Machines.Machines
  | Membership.Membership
  | Catalogue.ModelCatalogue
  | Repositories.Repositories
  | RequestJournal.RequestJournal
  | RequestStore.RequestStore
  | RuntimeHistory.RuntimeHistory
  | RuntimeRegistry.RuntimeRegistry
  | SkillLibrary.SkillLibrary
  | TaskLog.TaskLog
  | TaskQueue.TaskQueue
  | Wake.Wake
