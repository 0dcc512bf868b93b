import {
  Access,
  DaemonCaller,
  leftOutText,
  Liveness,
  MusterApi,
  ok,
  parseUuid,
  type Runtime,
  type RuntimeId,
  runtimeRecord,
  RuntimeRegistry,
  topic,
  Wake,
  wireError,
  type WorkspaceId
} from "@muster/domain"
import { Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"
import { ownerName } from "./ownerName.ts"
import { registrationFrom } from "./registrationFrom.ts"
import { reposOf } from "./repos.ts"
import { RuntimeAccess, runtimeIdFrom } from "./RuntimeAccess.ts"
import { RuntimeDirectory } from "./RuntimeDirectory.ts"

/** The routes of daemons except beats, the socket and reports. Source: `docs/protocol.md` 5.2, 5.3, 5.5, 9.2, 9.9. */
export const layerDaemonRoutes = HttpApiBuilder.group(
  MusterApi,
  "daemon",
  Effect.fn(function*(handlers) {
    const access = yield* Access
    const directory = yield* RuntimeDirectory
    const liveness = yield* Liveness
    const registry = yield* RuntimeRegistry
    const runtimes = yield* RuntimeAccess
    const wake = yield* Wake
    const { bounds } = yield* ServerMetrics

    const enter = Effect.fnUntraced(function*(id: WorkspaceId) {
      const workspace = yield* access.workspace(id).pipe(
        Effect.mapError((cause) => wireError.fault("failed to load workspace", cause))
      )
      if (Option.isNone(workspace)) return yield* wireError.workspaceNotFound()
      if (!(yield* runtimes.mayEnter(yield* DaemonCaller, id))) return yield* wireError.workspaceNotFound()
      return workspace.value
    })

    const own = Effect.fnUntraced(function*(text: string) {
      return yield* runtimes.runtime(yield* DaemonCaller, yield* runtimeIdFrom(text))
    })

    return handlers.handleAll({
      register: Effect.fn("Server.register")(function*({ payload, request }) {
        const caller = yield* DaemonCaller
        const { leftOut, registration } = yield* registrationFrom(payload, caller, request.headers)
        const workspace = yield* enter(registration.workspaceId)
        const rows = yield* registry.register(registration).pipe(Effect.catchTags({
          WorkspaceAbsent: () => Effect.fail(wireError.workspaceNotFound()),
          RuntimesFull: ({ most }) => {
            bounds.workspace_runtimes()
            return Effect.fail(
              wireError.tooMany(`this workspace has ${most} runtimes, which is the most: delete some that are gone`)
            )
          },
          DaemonOfAnother: ({ ownerId }) =>
            Effect.flatMap(ownerName(access, ownerId), (owner) => Effect.fail(wireError.daemonOfAnother(owner))),
          StoreUnavailable: (error) =>
            Effect.andThen(
              Effect.logDebug("registration failed", error),
              Effect.fail(wireError.refusedOrFault("failed to register runtime", error))
            )
        }))
        yield* directory.forget(rows.map(({ id }) => id))
        yield* wake.publish(topic.workspace(workspace.id))
        if (leftOut.length > 0) {
          yield* Effect.logWarning(`registration of ${registration.daemonId}: ${leftOutText(leftOut)}`)
        }
        yield* Effect.logDebug("registered").pipe(
          Effect.annotateLogs({ daemon_id: registration.daemonId, runtimes: rows.length })
        )
        return {
          runtimes: rows.map((row) => ({ ...runtimeRecord(row), visibility: "" as const })),
          ...reposOf(workspace),
          settings: workspace.settings,
          ...(leftOut.length > 0 && { leftOut })
        }
      }),

      deregister: Effect.fnUntraced(function*({ payload }) {
        const caller = yield* DaemonCaller
        const texts = payload.runtimeIds ?? []
        if (texts.length === 0) return yield* wireError.required("runtime_ids")
        const ids: Array<RuntimeId> = []
        for (const text of texts) ids.push(yield* runtimeIdFrom(text, "runtime_ids"))
        // Absent and foreign runtimes are skipped. A fault is returned: the daemon must not take it for success.
        const found = yield* Effect.forEach(ids, (id) =>
          runtimes.runtime(caller, id).pipe(
            Effect.asSome,
            Effect.catchIf((error) => error.name === "NotFound", () => Effect.succeedNone)
          ), { concurrency: 16 })
        const mine: ReadonlyArray<Runtime> = found.flatMap(Option.toArray)
        if (mine.length > 0) {
          const gone = mine.map(({ id }) => id)
          yield* registry.markOffline(gone).pipe(
            Effect.mapError((cause) => wireError.fault("failed to deregister", cause))
          )
          yield* Effect.ignore(liveness.forget(gone))
          yield* directory.forget(gone)
          for (const workspace of new Set(mine.map(({ workspaceId }) => workspaceId))) {
            yield* wake.publish(topic.workspace(workspace))
          }
        }
        return ok
      }),

      repos: Effect.fnUntraced(function*({ params }) {
        const id = parseUuid(params.workspaceId)
        if (id === undefined) return yield* wireError.noAccess()
        if (!(yield* runtimes.mayEnter(yield* DaemonCaller, id as WorkspaceId))) return yield* wireError.noAccess()
        const workspace = yield* enter(id as WorkspaceId)
        return { workspaceId: workspace.id, ...reposOf(workspace) }
      }),

      recoverOrphans: ({ params }) => Effect.as(own(params.runtimeId), { orphaned: 0, retried: 0 }),

      claimTask: ({ params }) => Effect.as(own(params.runtimeId), { task: null })
    })
  })
)
