import type { Identity, WireError } from "@muster/domain"
import { Context, type Effect, type Redacted } from "effect"
import type { EnvironmentName } from "./health/Readiness.ts"

/** A running server, for the program that started it. */
export class ServerInfo extends Context.Service<ServerInfo, {
  readonly url: string
  readonly environment: EnvironmentName
  readonly ownerToken: Redacted.Redacted<string>
  readonly ownerTokenFile: string
  /** The workspace that the owner's profile starts with. */
  readonly ownerWorkspace: Identity.WorkspaceId
  /** Returns a one-time sign-in URL for the owner. It expires after 10 minutes; a new link replaces the previous one. */
  readonly signInLink: Effect.Effect<string, WireError.ServerFault>
}>()("@muster/server/ServerInfo") {}
