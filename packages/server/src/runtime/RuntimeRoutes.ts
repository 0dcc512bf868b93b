import {
  Caller,
  CurrentWorkspace,
  Liveness,
  maxWait,
  mayAct,
  ModelList,
  MusterApi,
  ok,
  type RequestStatus,
  type Runtime,
  type RuntimeAction,
  type RuntimeEdit,
  runtimeRecord,
  RuntimeRegistry,
  standingOf,
  topic,
  Wake,
  wireError
} from "@muster/domain"
import { DateTime, Duration, Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Authenticator } from "../access/Authenticator.ts"
import { runtimeIdFrom } from "../access/RuntimeAccess.ts"
import { Asking } from "../request/Asking.ts"
import { modelListRecord } from "../request/records.ts"
import { RuntimeDirectory } from "./RuntimeDirectory.ts"

/** How long a GET waits, from its `wait` (seconds, 0 to 60) and `while` parameters. */
const waitFrom = (query: { readonly wait?: string; readonly while?: RequestStatus }) => {
  const seconds = query.wait === undefined ? 0 : Number(query.wait)
  return Number.isFinite(seconds) && seconds >= 0
    ? Effect.succeed({ for: Duration.seconds(Math.min(seconds, maxWait)), while: query.while })
    : Effect.fail(wireError.invalid("wait"))
}

/** What people do with runtimes. Source: `wire.md` 8. */
export const layerRuntimeRoutes = HttpApiBuilder.group(
  MusterApi,
  "runtimes",
  Effect.fn(function*(handlers) {
    const registry = yield* RuntimeRegistry
    const directory = yield* RuntimeDirectory
    const authenticator = yield* Authenticator
    const liveness = yield* Liveness
    const asking = yield* Asking
    const wake = yield* Wake

    /** The runtime, and what the caller is in its workspace, which need not be the one that the request names. */
    const visible = Effect.fnUntraced(function*(text: string) {
      const id = yield* runtimeIdFrom(text)
      const found = yield* directory.findNow(id).pipe(Effect.mapError(() => wireError.fault("failed to load runtime")))
      if (found._tag === "Gone") return yield* wireError.runtimeNotFound()
      const { userId } = yield* Caller
      const role = yield* authenticator.roleOf(userId, found.runtime.workspaceId).pipe(
        Effect.mapError(() => wireError.fault("failed to load workspace"))
      )
      if (Option.isNone(role)) return yield* wireError.runtimeNotFound()
      return { runtime: found.runtime, userId, standing: standingOf(role.value, userId, found.runtime.ownerId) }
    })

    const allowed = Effect.fnUntraced(function*(text: string, action: RuntimeAction) {
      const seen = yield* visible(text)
      if (!mayAct(action, seen.standing)) return yield* wireError.forbidden(`you can only ${action} your own runtimes`)
      return seen
    })

    const changed = (runtime: Runtime) =>
      Effect.andThen(directory.forget([runtime.id]), wake.publish(topic.workspace(runtime.workspaceId)))

    return handlers.handleAll({
      list: Effect.fnUntraced(function*({ query }) {
        const { workspace } = yield* CurrentWorkspace
        const { userId } = yield* Caller
        const rows = yield* registry.list(workspace.id).pipe(
          Effect.mapError(() => wireError.fault("failed to list runtimes"))
        )
        return rows.filter((row) => query.owner !== "me" || row.ownerId === userId).map(runtimeRecord)
      }),

      one: ({ params }) => Effect.map(visible(params.runtimeId), ({ runtime }) => runtimeRecord(runtime)),

      edit: Effect.fnUntraced(function*({ params, payload }) {
        const { runtime } = yield* allowed(params.runtimeId, "edit")
        const edit = yield* editFrom(payload)
        const edited = yield* registry.edit(runtime.id, edit).pipe(
          Effect.mapError(() => wireError.fault("failed to update runtime"))
        )
        yield* changed(runtime)
        if (Option.isNone(edited)) return yield* wireError.runtimeNotFound()
        return runtimeRecord(edited.value)
      }),

      remove: Effect.fnUntraced(function*({ params }) {
        const { runtime, userId } = yield* allowed(params.runtimeId, "delete")
        const removed = yield* registry.remove(runtime.id, userId).pipe(
          Effect.mapError(() => wireError.fault("failed to delete runtime"))
        )
        yield* changed(runtime)
        yield* Effect.ignore(liveness.forget([runtime.id]))
        if (!removed) return yield* wireError.runtimeNotFound()
        yield* wake.publish(topic.runtime(runtime.id))
        return ok
      }),

      askModels: Effect.fnUntraced(function*({ params }) {
        const { runtime, userId } = yield* visible(params.runtimeId)
        return yield* modelListRecord(yield* asking.ask(ModelList, runtime, {}, userId))
      }),

      models: Effect.fnUntraced(function*({ params, query }) {
        const { runtime } = yield* visible(params.runtimeId)
        const wait = yield* waitFrom(query)
        return yield* modelListRecord(yield* asking.look(ModelList, runtime.id, params.requestId, wait))
      })
    })
  })
)

/** The change that a PATCH asks for; every part is checked before anything is written. */
const editFrom = (patch: {
  readonly timezone?: string | null
  readonly visibility?: string | null
  readonly name?: string | null
}) =>
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
      if (name === "" || name.length > 256) return yield* wireError.bad("name must be 1 to 256 characters")
      edit.name = name
    }
    return edit
  })
