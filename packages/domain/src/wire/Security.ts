import { Context } from "effect"
import { HttpApiMiddleware, HttpApiSecurity } from "effect/http-api"
import type { Credential, Role, UserCredential } from "../access/Identity.ts"
import type { TokenHash } from "../access/Token.ts"
import type { Workspace } from "../access/Workspace.ts"
import type { Task } from "../task/TaskRecord.ts"
import { BadRequest, Forbidden, NotFound, ServerFault, TooMany, Unauthenticated } from "./WireError.ts"

/** The person who calls a user route, and the token of the call. */
export class Caller
  extends Context.Service<Caller, UserCredential & { readonly tokenHash: TokenHash }>()("@muster/domain/wire/Caller")
{}

/** The caller of a daemon route: a person's token, or a daemon's own. */
export class DaemonCaller extends Context.Service<DaemonCaller, Credential>()("@muster/domain/wire/DaemonCaller") {}

/** The workspace of a call, and the caller's role in it. */
export class CurrentWorkspace extends Context.Service<CurrentWorkspace, {
  readonly workspace: Workspace
  readonly role: Role
}>()("@muster/domain/wire/CurrentWorkspace") {}

/** The task of an agent that calls with its token. */
export class CallingTask extends Context.Service<CallingTask, Task>()("@muster/domain/wire/CallingTask") {}

const bearer = { bearer: HttpApiSecurity.bearer }

/**
 * Routes for people: a bearer token or, without one, the session cookie of the console, with the CSRF header for every
 * method except GET, HEAD and OPTIONS. Source: `docs/protocol.md` 2.3.
 */
export class UserAuth extends HttpApiMiddleware.Service<UserAuth, { provides: Caller }>()(
  "@muster/domain/wire/UserAuth",
  { error: [Unauthenticated, Forbidden, TooMany, ServerFault], security: bearer }
) {}

/** Routes for daemons. Source: `docs/protocol.md` 2.2. */
export class DaemonAuth extends HttpApiMiddleware.Service<DaemonAuth, { provides: DaemonCaller }>()(
  "@muster/domain/wire/DaemonAuth",
  { error: [Unauthenticated, Forbidden, ServerFault], security: bearer }
) {}

/** Routes for agents: the token of the caller's task (`mtk_…`), which ends with the task. */
export class TaskAuth extends HttpApiMiddleware.Service<TaskAuth, { provides: CallingTask }>()(
  "@muster/domain/wire/TaskAuth",
  { error: [Unauthenticated, TooMany, ServerFault], security: bearer }
) {}

/**
 * Routes within one workspace, named by query `workspace_slug`, header `X-Workspace-Slug`, query
 * `workspace_id` or header `X-Workspace-ID`, in this order. Source: `docs/protocol.md` 2.4.
 */
export class WorkspaceScope
  extends HttpApiMiddleware.Service<WorkspaceScope, { provides: CurrentWorkspace; requires: Caller }>()(
    "@muster/domain/wire/WorkspaceScope",
    { error: [BadRequest, NotFound, ServerFault] }
  )
{}

/** Reads a body as JSON with any content type, as the reference does. Source: `docs/protocol.md` 1.2. */
export class AnyContentType extends HttpApiMiddleware.Service<AnyContentType>()(
  "@muster/domain/wire/AnyContentType"
) {}

/** Turns what the schemas refuse into the protocol's `invalid request body`. */
export class ReadableErrors extends HttpApiMiddleware.Service<ReadableErrors>()(
  "@muster/domain/wire/ReadableErrors",
  { error: BadRequest }
) {}
