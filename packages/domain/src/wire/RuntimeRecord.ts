import { Schema } from "effect"
import { UserId, WorkspaceId } from "../access/Identity.ts"
import { DaemonId } from "../runtime/DaemonId.ts"
import { launchHeader, ProviderKey, type Runtime, RuntimeId, RuntimeStatus } from "../runtime/Runtime.ts"
import { snakeKeys } from "./Snake.ts"
import { RowTime } from "./Time.ts"

/** A runtime as the API shows it. Source: `wire.md` 8.1. */
export const RuntimeRecord = snakeKeys(Schema.Struct({
  id: RuntimeId,
  workspaceId: WorkspaceId,
  daemonId: Schema.NullOr(DaemonId),
  name: Schema.String,
  runtimeMode: Schema.Literals(["local", "cloud"]),
  provider: ProviderKey,
  launchHeader: Schema.String,
  status: RuntimeStatus,
  deviceInfo: Schema.String,
  metadata: Schema.Record(Schema.String, Schema.Json),
  ownerId: Schema.NullOr(UserId),
  /** Empty in the reply to a registration, as the protocol has it. */
  visibility: Schema.Literals(["private", "public", ""]),
  timezone: Schema.String,
  lastSeenAt: Schema.NullOr(RowTime),
  createdAt: RowTime,
  updatedAt: RowTime
}))
export type RuntimeRecord = typeof RuntimeRecord.Type

export const runtimeRecord = (runtime: Runtime): RuntimeRecord => ({
  ...runtime,
  launchHeader: launchHeader(runtime.provider)
})
