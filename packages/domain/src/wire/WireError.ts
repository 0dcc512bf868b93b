import { Schema } from "effect"
import type { ActionRefusal } from "../access/Permission.ts"
import { refusal, type Scope } from "../access/Scope.ts"
import { type JoinRefusal, joinRefusalText, type JoinSecretKind } from "../machine/Join.ts"
import { type Drain, drainText } from "../machine/Machine.ts"
import type { AskRefusal } from "../request/AskRefusal.ts"
import { StoreUnavailable } from "../store/StoreUnavailable.ts"

/** The body of every error: the protocol's literal sentence, and a code for machines. */
const fields = { error: Schema.String, code: Schema.String }

export class BadRequest extends Schema.Error<BadRequest>("BadRequest")(fields, { httpApiStatus: 400 }) {}
export class Unauthenticated extends Schema.Error<Unauthenticated>("Unauthenticated")(fields, { httpApiStatus: 401 }) {}
export class Forbidden extends Schema.Error<Forbidden>("Forbidden")(fields, { httpApiStatus: 403 }) {}
export class NotFound extends Schema.Error<NotFound>("NotFound")(fields, { httpApiStatus: 404 }) {}
export class Conflict extends Schema.Error<Conflict>("Conflict")(fields, { httpApiStatus: 409 }) {}
/** Gone: the resource of the call has ended. */
export class Ended extends Schema.Error<Ended>("Ended")(fields, { httpApiStatus: 410 }) {}
export class TooLarge extends Schema.Error<TooLarge>("TooLarge")(fields, { httpApiStatus: 413 }) {}
export class TooMany extends Schema.Error<TooMany>("TooMany")(fields, { httpApiStatus: 429 }) {}
export class ServerFault extends Schema.Error<ServerFault>("ServerFault")(fields, { httpApiStatus: 500 }) {}
export class Unavailable extends Schema.Error<Unavailable>("Unavailable")(fields, { httpApiStatus: 503 }) {}

export type WireError =
  | BadRequest
  | Unauthenticated
  | Forbidden
  | NotFound
  | Conflict
  | Ended
  | TooLarge
  | TooMany
  | ServerFault
  | Unavailable

// The sentences of the protocol. Peers match on some of them: `runtime not found` makes a daemon register again, so it
// is used only for a provably absent row; a refusal of access uses `not found` so that it does not match.

export const invalidBody = () => new BadRequest({ error: "invalid request body", code: "invalid_body" })

export const cutBody = () => new BadRequest({ error: "the request body ended early", code: "cut_body" })

export const invalidJson = () => new BadRequest({ error: "invalid JSON body", code: "invalid_body" })

export const invalid = (field: string) =>
  new BadRequest({ error: `invalid ${field}`, code: `invalid_${field.replace(" ", "_")}` })

export const required = (what: string) => new BadRequest({ error: `${what} is required`, code: "required" })

export const bad = (error: string) => new BadRequest({ error, code: "bad_request" })

/** A kind of request does not accept its payload. */
export const refusedAsk = (refusal: AskRefusal): BadRequest => {
  switch (refusal._tag) {
    case "InvalidBody":
      return invalidBody()
    case "Required":
      return required(refusal.field)
    case "Invalid":
      return bad(refusal.sentence)
  }
}

export const missingAuthorization = () =>
  new Unauthenticated({ error: "missing authorization header", code: "missing_authorization" })

export const missingUserAuthorization = () =>
  new Unauthenticated({ error: "missing authorization", code: "missing_authorization" })

export const invalidAuthorization = () =>
  new Unauthenticated({ error: "invalid authorization format", code: "invalid_authorization" })

export const invalidToken = () => new Unauthenticated({ error: "invalid token", code: "invalid_token" })

export const invalidDaemonToken = () => new Unauthenticated({ error: "invalid daemon token", code: "invalid_token" })

export const csrf = () => new Forbidden({ error: "CSRF validation failed", code: "csrf" })

export const scopeMissing = (needed: Scope, held: ReadonlyArray<Scope>) =>
  new Forbidden({ error: refusal(needed, held), code: "scope_missing" })
/** Of an endpoint that the table of scopes does not have. */
export const scopeUnknown = () =>
  new Forbidden({
    error: "this server does not define which scope this call needs, so it refuses it",
    code: "scope_missing"
  })
export const linkUsed = () => new Unauthenticated({ error: "this link was used or is too old", code: "link_used" })

/** Why a machine may not join. */
export const joinRefused = (reason: JoinRefusal, kind: JoinSecretKind) =>
  new Unauthenticated({ error: joinRefusalText(reason, kind), code: `join_${reason}` })

/** A machine credential that comes from another daemon or machine. */
export const credentialOfAnother = () =>
  new Forbidden({
    error: "this credential belongs to another machine: each machine has its own. " +
      "On this machine, run the command that `muster machines add` prints",
    code: "credential_of_another_machine"
  })

export const noMachine = () =>
  new Forbidden({ error: "only the credential of a machine that joined can do this", code: "no_machine" })

/** The machine takes no new work. */
export const machineDraining = (drain: Drain) => new Conflict({ error: drainText(drain), code: "machine_draining" })

export const daemonOfAnother = (owner: string) =>
  new Forbidden({
    error: `you can only register your own runtimes: this daemon id belongs to ${owner}. ` +
      `Ask ${owner} to delete its runtimes, or an owner or admin of the workspace to take them over`,
    code: "daemon_of_another"
  })

export const refused = (refusal: ActionRefusal) => new Forbidden(refusal)

export const forbidden = (error: string) => new Forbidden({ error, code: "forbidden" })

/** The answer to an address that no route has. */
export const noRoute = () => new NotFound({ error: "no such page", code: "no_route" })

export const noAccess = () => new NotFound({ error: "not found", code: "not_found" })

export const runtimeNotFound = () => new NotFound({ error: "runtime not found", code: "runtime_not_found" })

export const absent = (what: string) => new NotFound({ error: `${what} not found`, code: `${what}_not_found` })

export const workspaceNotFound = () => new NotFound({ error: "workspace not found", code: "workspace_not_found" })

export const userNotFound = () => new NotFound({ error: "user not found", code: "user_not_found" })

export const ended = (error: string, code: string) => new Ended({ error, code })

/** The caller's role does not allow it. Source: `docs/protocol.md` 3.9. */
export const insufficient = () => forbidden("insufficient permissions")

export const lastOwner = () => new BadRequest({ error: "workspace must have at least one owner", code: "last_owner" })

export const emailTaken = () =>
  new Conflict({ error: "this e-mail address is used by another account", code: "email_taken" })

export const slugTaken = () => new Conflict({ error: "workspace slug already exists", code: "slug_taken" })

export const conflict = (error: string) => new Conflict({ error, code: "conflict" })

export const notInstallationOwner = () =>
  new Forbidden({
    error:
      "only the owner of this installation may do this: use the token in the file token of the server's data folder",
    code: "not_installation_owner"
  })

export const dataNotEmbedded = () =>
  new Conflict({
    error: "this server's data are in PostgreSQL and not in its data folder, so it cannot back them up",
    code: "data_not_embedded"
  })

export const unsupported = (error: string) => new Conflict({ error, code: "unsupported" })

export const secondDaemon = () =>
  new Conflict({
    error:
      "another machine uses the id of this daemon, whose data folder was copied: this daemon needs an id of its own",
    code: "second_daemon"
  })

export const tooLarge = (max: string) =>
  new TooLarge({ error: `request body is larger than ${max}`, code: "too_large" })

export const tooMany = (error: string) => new TooMany({ error, code: "too_many" })

/**
 * A store operation failed: what failed, and why where `cause` has a reason for people. If the store refuses a value,
 * the caller has to change it.
 */
export const fault = (error: string, cause?: unknown): ServerFault | BadRequest => {
  const failed = cause instanceof StoreUnavailable ? cause : undefined
  const text = failed?.reason === undefined ? error : `${error}: ${failed.reason}`
  return failed?.refused === true
    ? new BadRequest({ error: text, code: "refused_value" })
    : new ServerFault({ error: text, code: "unavailable" })
}

/** The same, always with the reason. */
export const refusedOrFault = (error: string, cause: StoreUnavailable): ServerFault | BadRequest =>
  fault(cause.reason === undefined ? `${error}: ${cause.why}` : error, cause)

export const socketsUnavailable = () =>
  new Unavailable({ error: "daemon websocket unavailable", code: "daemon_websocket_unavailable" })

export const tooManyStreams = (max: number) =>
  new Unavailable({
    error: `too many pages listen to this server (at most ${max}): try again later, or add a replica`,
    code: "too_many_streams"
  })

export const stopping = () => new Unavailable({ error: "the server is stopping", code: "stopping" })

export const runtimeOffline = () => new Unavailable({ error: "runtime is offline", code: "runtime_offline" })
