import {
  Access,
  Api,
  Codec,
  EndpointScopes,
  type Identity,
  Security,
  Token,
  Uuid,
  WireError,
  type Workspace
} from "@muster/domain"
import { Clock, Effect, Layer, Option } from "effect"
import { Headers, HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiMiddleware } from "effect/http-api"
import * as HttpEffect from "effect/http/HttpEffect"
import { queryOf } from "../http/queryOf.ts"
import { Limits } from "../limit/Limits.ts"
import { Authenticator } from "./Authenticator.ts"
import { daemonCredential, userCredential } from "./bearer.ts"

/** Fails if the caller's token does not have the scope. An endpoint without one is refused. */
const requireScope = ({ scopes }: Identity.UserCredential, needed: EndpointScopes.Requirement | undefined) => {
  if (needed === undefined) return Effect.fail(WireError.scopeUnknown())
  return needed === "public" || scopes.includes(needed)
    ? Effect.void
    : Effect.fail(WireError.scopeMissing(needed, scopes))
}

/** Adds the end of the caller's token to the response, if the token ends within 14 days. */
const warnOfEnd = ({ origin }: Identity.UserCredential) =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const end = origin?.expiresAt ?? null
    if (!Token.endsSoon(end, now)) return Effect.void
    const text = new Date(end).toISOString()
    return HttpEffect.appendPreResponseHandler((_, response) =>
      Effect.succeed(HttpServerResponse.setHeader(response, Api.tokenExpiresHeader, text))
    )
  })

const layerUser = Layer.effect(
  Security.UserAuth,
  Effect.gen(function*() {
    const authenticator = yield* Authenticator
    const limits = yield* Limits
    return Security.UserAuth.of({
      bearer: Effect.fnUntraced(function*(app, { endpoint, group }) {
        const caller = yield* userCredential(authenticator, yield* HttpServerRequest.HttpServerRequest).pipe(
          Effect.tapError(({ code }) => code === "invalid_token" ? limits.takeOfCaller("wrong_tokens") : Effect.void)
        )
        yield* limits.take("calls", caller.tokenId)
        yield* requireScope(caller, EndpointScopes.of(group.identifier, endpoint.identifier))
        yield* warnOfEnd(caller)
        return yield* Effect.provideService(app, Security.Caller, caller)
      })
    })
  })
)

const layerDaemon = Layer.effect(
  Security.DaemonAuth,
  Effect.gen(function*() {
    const authenticator = yield* Authenticator
    return Security.DaemonAuth.of({
      bearer: Effect.fnUntraced(function*(app) {
        const { headers } = yield* HttpServerRequest.HttpServerRequest
        return yield* Effect.provideService(app, Security.DaemonCaller, yield* daemonCredential(authenticator, headers))
      })
    })
  })
)

/** Returns the workspace that a request names, in the protocol's order of precedence. */
const named = (request: HttpServerRequest.HttpServerRequest) => {
  const query = queryOf(request.url)
  const slug = query.get("workspace_slug") || request.headers["x-workspace-slug"]
  if (slug) return { slug }
  const id = query.get("workspace_id") || request.headers["x-workspace-id"]
  return id ? { id } : undefined
}

const fault = (cause: unknown) => WireError.fault("failed to load workspace", cause)

const layerWorkspace = Layer.effect(
  Security.WorkspaceScope,
  Effect.gen(function*() {
    const access = yield* Access.Access
    const authenticator = yield* Authenticator

    const find = Effect.fnUntraced(function*(request: HttpServerRequest.HttpServerRequest) {
      const name = named(request)
      if (name === undefined) return yield* WireError.bad("workspace_id or workspace_slug is required")
      if ("slug" in name) return yield* access.workspaceBySlug(name.slug).pipe(Effect.mapError(fault))
      const id = Uuid.parse(name.id)
      if (id === undefined) return yield* WireError.invalid("workspace_id")
      return yield* access.workspace(id as Identity.WorkspaceId).pipe(Effect.mapError(fault))
    })

    return Effect.fnUntraced(function*(app) {
      const { userId } = yield* Security.Caller
      const workspace: Option.Option<Workspace.Workspace> = yield* find(yield* HttpServerRequest.HttpServerRequest)
      if (Option.isNone(workspace)) return yield* WireError.workspaceNotFound()
      const role = yield* authenticator.roleOf(userId, workspace.value.id).pipe(Effect.mapError(fault))
      if (Option.isNone(role)) return yield* WireError.workspaceNotFound()
      return yield* Effect.provideService(app, Security.CurrentWorkspace, {
        workspace: workspace.value,
        role: role.value
      })
    })
  })
)

const layerReadableErrors = HttpApiMiddleware.layerSchemaErrorTransform(
  Security.ReadableErrors,
  (error) => {
    if (error.kind === "Body") return Effect.fail(error)
    const bound = Codec.refusedBound(error.cause.issue)
    return Effect.fail(bound === undefined ? WireError.invalidBody() : WireError.bad(bound))
  }
)

const asJson = (request: HttpServerRequest.HttpServerRequest) =>
  request.modify({ headers: Headers.set(request.headers, "content-type", "application/json") })

const layerAnyContentType = Layer.succeed(
  Security.AnyContentType,
  (app) => Effect.updateService(app, HttpServerRequest.HttpServerRequest, asJson)
)

/** The middlewares of the typed routes: authentication, workspace, and readable schema errors. */
export const layerSecurity = Layer.mergeAll(
  layerUser,
  layerDaemon,
  layerWorkspace,
  layerReadableErrors,
  layerAnyContentType
)
