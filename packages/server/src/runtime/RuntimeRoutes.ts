import {
  Access,
  Caller,
  CurrentWorkspace,
  Liveness,
  MusterApi,
  ok,
  refusedBound,
  type Runtime,
  type RuntimeAction,
  type RuntimeEdit,
  RuntimePatch,
  runtimeRecord,
  RuntimeRegistry,
  TooLarge,
  topic,
  Wake,
  wireError
} from "@muster/domain"
import { DateTime, Effect, Option, Schema } from "effect"
import type { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { jsonBody } from "../http/jsonBody.ts"
import { requireAction } from "./requireAction.ts"
import { RuntimeDirectory } from "./RuntimeDirectory.ts"
import { makeRuntimeView } from "./RuntimeView.ts"

/** The routes of people for runtimes. Source: `docs/protocol.md` 8. */
export const layerRuntimeRoutes = HttpApiBuilder.group(
  MusterApi,
  "runtimes",
  Effect.fn(function*(handlers) {
    const access = yield* Access
    const registry = yield* RuntimeRegistry
    const directory = yield* RuntimeDirectory
    const visible = yield* makeRuntimeView
    const liveness = yield* Liveness
    const wake = yield* Wake

    const allowed = Effect.fnUntraced(function*(text: string, action: RuntimeAction) {
      const seen = yield* visible(text)
      yield* requireAction(access, action, seen)
      return seen
    })

    const changed = (runtime: Runtime) =>
      Effect.andThen(directory.forget([runtime.id]), wake.publish(topic.workspace(runtime.workspaceId)))

    /** Checks the permission before it reads the body. */
    const edit = Effect.fnUntraced(function*({ params, request }: Edited) {
      const { runtime, userId } = yield* allowed(params.runtimeId, "edit")
      const change = yield* editFrom(yield* patchIn(request))
      const edited = yield* registry.edit(runtime.id, change).pipe(
        Effect.mapError((cause) => wireError.fault("failed to update runtime", cause))
      )
      yield* changed(runtime)
      if (Option.isNone(edited)) return yield* wireError.runtimeNotFound()
      if (edited.value.visibility !== runtime.visibility) {
        yield* Effect.logInfo(`runtime made ${edited.value.visibility}`).pipe(
          Effect.annotateLogs({ runtime_id: runtime.id, owner_id: runtime.ownerId, user_id: userId })
        )
      }
      return runtimeRecord(edited.value)
    })

    return handlers.handleRaw("edit", edit).handleAll({
      list: Effect.fnUntraced(function*({ query }) {
        const { workspace } = yield* CurrentWorkspace
        const { userId } = yield* Caller
        const rows = yield* registry.list(workspace.id).pipe(
          Effect.mapError((cause) => wireError.fault("failed to list runtimes", cause))
        )
        return rows.filter((row) => query.owner !== "me" || row.ownerId === userId).map(runtimeRecord)
      }),

      one: ({ params }) => Effect.map(visible(params.runtimeId), ({ runtime }) => runtimeRecord(runtime)),

      takeOver: Effect.fnUntraced(function*({ params }) {
        const { runtime, userId } = yield* allowed(params.runtimeId, "takeOver")
        const taken = yield* registry.takeOver(runtime.id, userId).pipe(
          Effect.mapError((cause) => wireError.fault("failed to take over runtime", cause))
        )
        yield* directory.forget(taken.map(({ id }) => id))
        yield* wake.publish(topic.workspace(runtime.workspaceId))
        const row = taken.find(({ id }) => id === runtime.id)
        if (row === undefined) return yield* wireError.runtimeNotFound()
        yield* Effect.logInfo("runtimes of a daemon taken over").pipe(Effect.annotateLogs({
          workspace_id: runtime.workspaceId,
          daemon_id: runtime.daemonId,
          runtime_ids: taken.map(({ id }) => id).join(","),
          from_user_id: runtime.ownerId,
          user_id: userId
        }))
        return runtimeRecord(row)
      }),

      remove: Effect.fnUntraced(function*({ params }) {
        const { runtime, userId } = yield* allowed(params.runtimeId, "delete")
        const removed = yield* registry.remove(runtime.id, userId).pipe(
          Effect.mapError((cause) => wireError.fault("failed to delete runtime", cause))
        )
        yield* changed(runtime)
        yield* Effect.ignore(liveness.forget([runtime.id]))
        if (!removed) return yield* wireError.runtimeNotFound()
        yield* wake.publish(topic.runtime(runtime.id))
        return ok
      })
    })
  })
)

interface Edited {
  readonly params: { readonly runtimeId: string }
  readonly request: HttpServerRequest.HttpServerRequest
}

const decodePatch = Schema.decodeUnknownEffect(RuntimePatch)

const patchIn = (request: HttpServerRequest.HttpServerRequest) =>
  Effect.flatMap(jsonBody(request), decodePatch).pipe(
    Effect.mapError((error) => {
      if (error instanceof TooLarge) return error
      const bound = Schema.isSchemaError(error) ? refusedBound(error.issue) : undefined
      return bound === undefined ? wireError.invalidJson() : wireError.bad(bound)
    })
  )

/** Returns the change that a PATCH requests. Checks every field before anything is written. */
const editFrom = (patch: typeof RuntimePatch.Type) =>
  Effect.gen(function*() {
    const edit: { -readonly [K in keyof RuntimeEdit]: RuntimeEdit[K] } = {}
    if (patch.timezone != null) {
      const zone = patch.timezone.trim() || "UTC"
      if (Option.isNone(DateTime.zoneMakeNamed(zone))) return yield* wireError.bad("invalid IANA timezone")
      edit.timezone = zone
    }
    if (patch.visibility != null) {
      if (patch.visibility !== "private" && patch.visibility !== "public") {
        return yield* wireError.bad("visibility must be 'private' or 'public'")
      }
      edit.visibility = patch.visibility
    }
    if (patch.name != null) {
      const name = patch.name.trim()
      if (name === "") return yield* wireError.bad("name must be 1 to 256 characters")
      edit.name = name
    }
    return edit
  })
