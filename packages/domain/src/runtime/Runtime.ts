import { Schema } from "effect"
import { DaemonId } from "../access/DaemonId.ts"
import { UserId, WorkspaceId } from "../access/Identity.ts"
import { Visibility } from "../access/Permission.ts"
import { Uuid } from "../id/Uuid.ts"
import { CliHealth } from "./CliHealth.ts"
import { Instances } from "./Instances.ts"

export * from "./CliHealth.ts"
export * from "./CliVerdict.ts"
export { knownProviders, providerName } from "./ProviderDisplay.ts"
export * from "./RuntimeNames.ts"
export * from "./Transport.ts"

export const RuntimeId = Uuid.pipe(Schema.brand("RuntimeId"))
export type RuntimeId = typeof RuntimeId.Type

/** The kind of CLI: `codex`, `claude`, `opencode`, …; 1 to 100 characters. */
export const ProviderKey = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(100))
export type ProviderKey = typeof ProviderKey.Type

export const RuntimeStatus = Schema.Literals(["online", "offline"])
export type RuntimeStatus = typeof RuntimeStatus.Type

/** One agent CLI of one daemon in one workspace; unique by (workspace, daemon, provider). Times are epoch milliseconds. */
export const Runtime = Schema.Struct({
  id: RuntimeId,
  workspaceId: WorkspaceId,
  /** Null only for rows that a reference server made. */
  daemonId: Schema.NullOr(DaemonId),
  name: Schema.String,
  runtimeMode: Schema.Literals(["local", "cloud"]),
  provider: ProviderKey,
  status: RuntimeStatus,
  deviceInfo: Schema.String,
  metadata: Schema.Record(Schema.String, Schema.Json),
  /**
   * The owner of its daemon: the person who first registered it or took it over since; null: only a daemon token
   * registered it.
   */
  ownerId: Schema.NullOr(UserId),
  visibility: Visibility,
  /** IANA zone. */
  timezone: Schema.String,
  lastSeenAt: Schema.NullOr(Schema.Finite),
  createdAt: Schema.Finite,
  updatedAt: Schema.Finite,
  /** The processes that beat for it; absent or null: none that names itself. */
  instances: Schema.optionalKey(Schema.NullOr(Instances)),
  /** It is removed soon after its machine is silent (`RuntimeRegistry.expire`); absent: it is not. */
  ephemeral: Schema.optionalKey(Schema.Boolean),
  /** Whether its CLI works, as its requests showed; absent or null: not known yet. */
  cli: Schema.optionalKey(Schema.NullOr(CliHealth)),
  /** The id of the model that its tasks use if they name none; absent or null: the CLI decides. At most 256 characters. */
  defaultModel: Schema.optionalKey(Schema.NullOr(Schema.String))
})
export type Runtime = typeof Runtime.Type
