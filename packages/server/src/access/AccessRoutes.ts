import { Access, Api, Codec, Security, WireError, Workspace } from "@muster/domain"
import { Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Audit } from "../audit/Audit.ts"
import { makeTokenHandlers } from "./TokenHandlers.ts"

/** The routes for the caller, their tokens and their workspaces. Source: `docs/protocol.md` 3.3, 3.5, 3.7, 5.1. */
export const layerAccessRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "access",
  Effect.fn(function*(handlers) {
    const access = yield* Access.Access
    const audit = yield* Audit

    return handlers.handleAll({
      me: Effect.fnUntraced(function*() {
        const { origin, scopes, userId } = yield* Security.Caller
        const user = yield* access.user(userId).pipe(
          Effect.mapError((cause) => WireError.fault("failed to load user", cause))
        )
        if (Option.isNone(user)) return yield* WireError.userNotFound()
        return { ...user.value, token: { id: origin?.id ?? null, scopes, expiresAt: origin?.expiresAt ?? null } }
      }),

      ...(yield* makeTokenHandlers),

      workspaces: Effect.fnUntraced(function*() {
        const { userId } = yield* Security.Caller
        return yield* access.workspacesOf(userId).pipe(
          Effect.mapError((cause) => WireError.fault("failed to list workspaces", cause))
        )
      }),

      createWorkspace: Effect.fn("Server.createWorkspace")(function*({ payload }) {
        const { userId } = yield* Security.Caller
        const name = Codec.goString(payload.name)
        const slug = Codec.goString(payload.slug).toLowerCase()
        const refused = Workspace.refuse(name, slug)
        if (refused !== undefined) return yield* WireError.bad(refused)
        const made = yield* access.createWorkspace({
          name,
          slug,
          description: Codec.goString(payload.description) || null,
          context: Codec.goString(payload.context) || null,
          issuePrefix: Codec.goString(payload.issuePrefix) || slug.slice(0, 3).toUpperCase(),
          owner: userId
        }).pipe(Effect.catchTags({
          SlugTaken: () => Effect.fail(WireError.slugTaken()),
          StoreUnavailable: (cause) => Effect.fail(WireError.fault("failed to create workspace", cause))
        }))
        yield* audit.record({
          action: "workspace.create",
          workspaceId: made.id,
          target: { kind: "workspace", id: made.id, name: made.name },
          details: { slug: made.slug }
        })
        return made
      })
    })
  })
)
