import {
  Access,
  Api,
  Codec,
  Liveness,
  Permission,
  type Runtime,
  RuntimeHistory,
  RuntimeRegistry,
  Security,
  Wake,
  WireError
} from "@muster/domain"
import { Clock, DateTime, Effect, Option, Schema } from "effect"
import type { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Audit, type AuditNote } from "../audit/Audit.ts"
import { FleetEntries } from "../fleet/FleetEntries.ts"
import { jsonBody } from "../http/jsonBody.ts"
import { requireAction } from "./requireAction.ts"
import { RuntimeDirectory } from "./RuntimeDirectory.ts"
import { makeRuntimeView } from "./RuntimeView.ts"

/** The routes of people for runtimes. Source: `docs/protocol.md` 8. */
export const layerRuntimeRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "runtimes",
  Effect.fn(function*(handlers) {
    const access = yield* Access.Access
    const registry = yield* RuntimeRegistry.RuntimeRegistry
    const history = yield* RuntimeHistory.RuntimeHistory
    const directory = yield* RuntimeDirectory
    const fleet = yield* FleetEntries
    const visible = yield* makeRuntimeView
    const liveness = yield* Liveness.Liveness
    const wake = yield* Wake.Wake
    const audit = yield* Audit

    const allowed = Effect.fnUntraced(function*(text: string, action: Permission.RuntimeAction) {
      const seen = yield* visible(text)
      yield* requireAction(access, action, seen)
      return seen
    })

    const changed = Effect.fnUntraced(
      function*({ workspaceId }: Runtime.Runtime, ids: ReadonlyArray<Runtime.RuntimeId>) {
        yield* directory.forget(ids)
        yield* fleet.forget(workspaceId)
        yield* wake.publish(Wake.topic.workspace(workspaceId))
      }
    )

    /** Checks what it can of the permission before it reads the body. */
    const edit = Effect.fnUntraced(function*({ params, request }: Edited) {
      const seen = yield* visible(params.runtimeId)
      const { runtime, standing, userId } = seen
      // Who may only use it chooses its default model, which spends no more than a task that names the model.
      if (!Permission.mayAct("use", standing)) yield* requireAction(access, "edit", seen)
      const change = yield* editFrom(yield* patchIn(request))
      yield* Effect.forEach(actionsOf(change), (action) => requireAction(access, action, seen), { discard: true })
      const edited = yield* registry.edit(runtime.id, change).pipe(
        Effect.mapError((cause) => WireError.fault("failed to update runtime", cause))
      )
      yield* changed(runtime, [runtime.id])
      if (Option.isNone(edited)) return yield* WireError.runtimeNotFound()
      if (edited.value.visibility !== runtime.visibility) {
        yield* Effect.logInfo(`runtime made ${edited.value.visibility}`).pipe(
          Effect.annotateLogs({ runtime_id: runtime.id, owner_id: runtime.ownerId, user_id: userId })
        )
      }
      yield* Effect.forEach(changesOf(runtime, edited.value), audit.record, { discard: true })
      return Api.runtimeRecord(edited.value)
    })

    return handlers.handleRaw("edit", edit).handleAll({
      list: Effect.fnUntraced(function*({ query }) {
        const { workspace } = yield* Security.CurrentWorkspace
        const { userId } = yield* Security.Caller
        const rows = yield* registry.list(workspace.id).pipe(
          Effect.mapError((cause) => WireError.fault("failed to list runtimes", cause))
        )
        return rows.filter((row) => query.owner !== "me" || row.ownerId === userId).map(Api.runtimeRecord)
      }),

      one: ({ params }) => Effect.map(visible(params.runtimeId), ({ runtime }) => Api.runtimeRecord(runtime)),

      history: Effect.fnUntraced(function*({ params }) {
        const { runtime } = yield* visible(params.runtimeId)
        const now = yield* Clock.currentTimeMillis
        const recorded = yield* history.of(runtime.id, RuntimeHistory.oldestBucket(now)).pipe(
          Effect.mapError((cause) => WireError.fault("failed to load the runtime's history", cause))
        )
        return Api.runtimeHistoryRecord(RuntimeHistory.dayOf(recorded, runtime.createdAt, now))
      }),

      takeOver: Effect.fnUntraced(function*({ params }) {
        const { runtime, userId } = yield* allowed(params.runtimeId, "takeOver")
        const taken = yield* registry.takeOver(runtime.id, userId).pipe(
          Effect.mapError((cause) => WireError.fault("failed to take over runtime", cause))
        )
        yield* changed(runtime, taken.map(({ id }) => id))
        const row = taken.find(({ id }) => id === runtime.id)
        if (row === undefined) return yield* WireError.runtimeNotFound()
        yield* Effect.logInfo("runtimes of a daemon taken over").pipe(Effect.annotateLogs({
          workspace_id: runtime.workspaceId,
          daemon_id: runtime.daemonId,
          runtime_ids: taken.map(({ id }) => id).join(","),
          from_user_id: runtime.ownerId,
          user_id: userId
        }))
        yield* audit.record({
          action: "runtime.take_over",
          target: targetOf(runtime),
          details: { from_user_id: runtime.ownerId, daemon_id: runtime.daemonId, runtimes: taken.length }
        })
        return Api.runtimeRecord(row)
      }),

      remove: Effect.fnUntraced(function*({ params }) {
        const { runtime, userId } = yield* allowed(params.runtimeId, "delete")
        const removed = yield* registry.remove(runtime.id, userId).pipe(
          Effect.mapError((cause) => WireError.fault("failed to delete runtime", cause))
        )
        yield* changed(runtime, [runtime.id])
        yield* Effect.ignore(liveness.forget([runtime.id]))
        if (!removed) return yield* WireError.runtimeNotFound()
        yield* wake.publish(Wake.topic.runtime(runtime.id))
        yield* audit.record({
          action: "runtime.delete",
          target: targetOf(runtime),
          details: { daemon_id: runtime.daemonId, provider: runtime.provider }
        })
        return Api.ok
      })
    })
  })
)

const targetOf = ({ id, name }: Runtime.Runtime) => ({ kind: "runtime", id, name })

/** Returns one event for each thing that an edit changed. */
const changesOf = (before: Runtime.Runtime, after: Runtime.Runtime): ReadonlyArray<AuditNote> => {
  const target = targetOf(before)
  return [
    { action: "runtime.rename", from: before.name, to: after.name } as const,
    { action: "runtime.visibility", from: before.visibility, to: after.visibility } as const,
    { action: "runtime.edit", from: before.timezone, to: after.timezone } as const,
    { action: "runtime.model", from: before.defaultModel ?? null, to: after.defaultModel ?? null } as const
  ].flatMap(({ action, from, to }) => from === to ? [] : [{ action, target, details: { from, to } }])
}

interface Edited {
  readonly params: { readonly runtimeId: string }
  readonly request: HttpServerRequest.HttpServerRequest
}

const decodePatch = Schema.decodeUnknownEffect(Api.RuntimePatch)

const patchIn = (request: HttpServerRequest.HttpServerRequest) =>
  Effect.flatMap(jsonBody(request), decodePatch).pipe(
    Effect.mapError((error) => {
      if (error instanceof WireError.TooLarge) return error
      const bound = Schema.isSchemaError(error) ? Codec.refusedBound(error.issue) : undefined
      return bound === undefined ? WireError.invalidJson() : WireError.bad(bound)
    })
  )

/** Returns the actions that a change requires. */
const actionsOf = (
  { defaultModel, ...rest }: RuntimeRegistry.RuntimeEdit
): ReadonlyArray<Permission.RuntimeAction> => [
  ...(defaultModel === undefined ? [] : ["use" as const]),
  ...(defaultModel === undefined || Object.keys(rest).length > 0 ? ["edit" as const] : [])
]

/** Returns the change that a PATCH requests. Checks every field before anything is written. */
const editFrom = (patch: typeof Api.RuntimePatch.Type) =>
  Effect.gen(function*() {
    const edit: { -readonly [K in keyof RuntimeRegistry.RuntimeEdit]: RuntimeRegistry.RuntimeEdit[K] } = {}
    if (patch.timezone != null) {
      const zone = patch.timezone.trim() || "UTC"
      if (Option.isNone(DateTime.zoneMakeNamed(zone))) return yield* WireError.bad("invalid IANA timezone")
      edit.timezone = zone
    }
    if (patch.visibility != null) {
      if (patch.visibility !== "private" && patch.visibility !== "public") {
        return yield* WireError.bad("visibility must be 'private' or 'public'")
      }
      edit.visibility = patch.visibility
    }
    if (patch.name != null) {
      const name = patch.name.trim()
      if (name === "") return yield* WireError.bad("name must be 1 to 256 characters")
      edit.name = name
    }
    if (patch.default_model != null) edit.defaultModel = patch.default_model.trim() || null
    return edit
  })
