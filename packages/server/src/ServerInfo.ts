import type { ServerFault, WorkspaceId } from "@muster/domain"
import { Context, type Effect, type Redacted } from "effect"
import type { EnvironmentName } from "./health/Readiness.ts"

/** A running server, for whoever started it. */
export class ServerInfo extends Context.Service<ServerInfo, {
  readonly url: string
  readonly environment: EnvironmentName
  readonly ownerToken: Redacted.Redacted<string>
  readonly ownerTokenFile: string
  /** The workspace that the owner's profile starts with. */
  readonly ownerWorkspace: WorkspaceId
  /** Makes a URL that signs the owner in once, within 10 minutes. Links made before no longer do. */
  readonly signInLink: Effect.Effect<string, ServerFault>
}>()("@muster/server/ServerInfo") {}
