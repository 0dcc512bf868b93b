import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { MachineId, WorkspaceId } from "../access/Identity.ts"
import { maxWorkspaces } from "../access/Workspace.ts"
import { goText } from "../codec/Go.ts"
import { snakeKeys } from "../codec/Snake.ts"
import { RowTime } from "../codec/Time.ts"
import { Drain, LabelList } from "../machine/Machine.ts"
import { listOf, reportedName, textLimits, Word } from "../text/BoundedText.ts"
import { AnyContentType, DaemonAuth, ReadableErrors } from "./Security.ts"
import { BadRequest, Forbidden, ServerFault, TooMany, Unauthenticated } from "./WireError.ts"

/**
 * The header with a hash of the machine's fingerprint, as 64 hex digits; a daemon on a machine without one sends none.
 * It lets the server notice a credential that was copied to another machine.
 */
export const fingerprintHeader = "x-machine-fingerprint"

/** The fingerprint in that header; null: absent or malformed. */
export const fingerprintFrom = (header: string | undefined): string | null =>
  header !== undefined && /^[0-9a-f]{64}$/.test(header) ? header : null

/** What a machine presents to join. */
export const JoinBody = snakeKeys(Schema.Struct({
  /** A join token or a join key. */
  token: goText(Word),
  daemonId: goText(Word),
  name: goText(reportedName(textLimits.name)),
  deviceInfo: goText(reportedName(textLimits.name))
}))

const JoinedWorkspace = snakeKeys(Schema.Struct({
  id: WorkspaceId,
  name: Schema.String,
  slug: Schema.String,
  settings: Schema.Record(Schema.String, Schema.Json),
  /** Of the workspace's list of repositories: changes with it. */
  reposVersion: Schema.String
}))

/** A machine as its own daemon sees it. */
export const OwnMachine = snakeKeys(Schema.Struct({
  id: MachineId,
  name: Schema.String,
  ownerName: Schema.String,
  labels: LabelList,
  ephemeral: Schema.Boolean,
  drain: Schema.NullOr(snakeKeys(Schema.Struct({ ...Drain.fields, since: RowTime })))
}))

const inWorkspaces = { machine: OwnMachine, workspaces: listOf(JoinedWorkspace, maxWorkspaces) }

/** The credential; it is shown only here. */
export const JoinReply = snakeKeys(Schema.Struct({ credential: Schema.String, expiresAt: RowTime, ...inWorkspaces }))

/** Joining, which needs no credential. 401 with a code: `join_unknown`, `_used`, `_expired`, `_revoked`, `_left`. */
export class JoinApi extends HttpApiGroup.make("join").add(
  HttpApiEndpoint.post("join", "/", {
    payload: JoinBody,
    success: JoinReply,
    error: [BadRequest, Unauthenticated, TooMany, ServerFault]
  })
).middleware(ReadableErrors).middleware(AnyContentType).prefix("/api/join").annotateMerge(
  OpenApi.annotations({ title: "Join", description: "From a join token or key to a machine with a credential." })
) {}

export const MachineReply = snakeKeys(Schema.Struct({ expiresAt: RowTime, ...inWorkspaces }))

export const RenewBody = snakeKeys(Schema.Struct({ daemonId: goText(Word) }))
export const RenewReply = snakeKeys(Schema.Struct({ credential: Schema.String, expiresAt: RowTime }))

const errors = [BadRequest, Unauthenticated, Forbidden, ServerFault] as const

/**
 * What a machine credential is for besides the calls of every daemon. 403 `no_machine`: another sort of credential; 403
 * `credential_of_another_machine`: another daemon id or fingerprint.
 */
export class MachineCredentialApi extends HttpApiGroup.make("machineCredential").add(
  HttpApiEndpoint.get("machine", "/machine", {
    /** The caller's daemon id; one of another machine is refused. */
    query: { daemon_id: Schema.optionalKey(Word) },
    success: MachineReply,
    error: errors
  }),
  /** The old credential remains valid until the new one was used. */
  HttpApiEndpoint.post("renew", "/credential/renew", { payload: RenewBody, success: RenewReply, error: errors })
).middleware(DaemonAuth).middleware(ReadableErrors).middleware(AnyContentType).prefix("/api/daemon").annotateMerge(
  OpenApi.annotations({
    title: "Machines, as their daemons see them",
    description: "The machine of a credential, and its renewal."
  })
) {}
