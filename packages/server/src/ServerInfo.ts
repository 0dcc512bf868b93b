import type { WorkspaceId } from "@muster/domain"
import { Context, type Redacted } from "effect"
import type { EnvironmentName } from "./health/Readiness.ts"

/** A running server, for whoever started it. */
export class ServerInfo extends Context.Service<ServerInfo, {
  readonly url: string
  readonly environment: EnvironmentName
  readonly ownerToken: Redacted.Redacted<string>
  readonly ownerTokenFile: string
  /** The workspace that the owner's profile starts with. */
  readonly ownerWorkspace: WorkspaceId
}>()("@muster/server/ServerInfo") {}
