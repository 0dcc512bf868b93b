import {
  Access,
  Api,
  Codec,
  type Identity,
  LeftOut,
  Liveness,
  type Runtime,
  RuntimeRegistry,
  Security,
  Uuid,
  Wake,
  WireError
} from "@muster/domain"
import { Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { makeMachineGuard } from "../access/MachineGuard.ts"
import { Audit } from "../audit/Audit.ts"
import { ServerMetrics } from "../metrics/ServerMetrics.ts"
import { ownerName } from "./ownerName.ts"
import { registrationFrom } from "./registrationFrom.ts"
import { reposOf } from "./reposOf.ts"
import { RuntimeAccess, runtimeIdFrom } from "./RuntimeAccess.ts"
import { RuntimeDirectory } from "./RuntimeDirectory.ts"

const unable = (cause: unknown) => WireError.fault("failed to deregister", cause)

/** The routes of daemons except beats, the socket and reports. Source: `docs/protocol.md` 5.2, 5.3, 5.5, 9.2, 9.9. */
export const layerDaemonRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "daemon",
  Effect.fn(function*(handlers) {
    const access = yield* Access.Access
    const directory = yield* RuntimeDirectory
    const liveness = yield* Liveness.Liveness
    const registry = yield* RuntimeRegistry.RuntimeRegistry
    const runtimes = yield* RuntimeAccess
    const wake = yield* Wake.Wake
    const audit = yield* Audit
    const guard = yield* makeMachineGuard
    const { bounds } = yield* ServerMetrics

    const enter = Effect.fnUntraced(function*(id: Identity.WorkspaceId, caller: Identity.Credential) {
      const workspace = yield* access.workspace(id).pipe(
        Effect.mapError((cause) => WireError.fault("failed to load workspace", cause))
      )
      if (Option.isNone(workspace)) return yield* WireError.workspaceNotFound()
      if (!(yield* runtimes.mayEnter(caller, id))) return yield* WireError.workspaceNotFound()
      return workspace.value
    })

    return handlers.handleAll({
      register: Effect.fn("Server.register")(function*({ payload, request }) {
        const shown = yield* Security.DaemonCaller
        // As it is now, not as it is cached: what was removed must not come back.
        const caller = shown._tag === "Machine" ? yield* guard(request, Codec.goString(payload.daemonId)) : shown
        const { leftOut, registration } = yield* registrationFrom(payload, caller, request.headers)
        const workspace = yield* enter(registration.workspaceId, caller)
        const { merged, runtimes: rows } = yield* registry.register(registration).pipe(Effect.catchTags({
          WorkspaceAbsent: () => Effect.fail(WireError.workspaceNotFound()),
          RuntimesFull: ({ max }) => {
            bounds.workspace_runtimes()
            return Effect.fail(
              WireError.tooMany(`this workspace has ${max} runtimes, which is the maximum: delete some that are gone`)
            )
          },
          DaemonOfAnother: ({ ownerId }) =>
            Effect.flatMap(ownerName(access, ownerId), (owner) => Effect.fail(WireError.daemonOfAnother(owner))),
          StoreUnavailable: (error) =>
            Effect.andThen(
              Effect.logDebug("registration failed", error),
              Effect.fail(WireError.refusedOrFault("failed to register runtime", error))
            )
        }))
        yield* directory.forget([...rows.map(({ id }) => id), ...merged.map(({ from }) => from)])
        yield* wake.publish(Wake.topic.workspace(workspace.id))
        if (leftOut.length > 0) {
          yield* Effect.logWarning(`registration of ${registration.daemonId}: ${LeftOut.textOf(leftOut)}`)
        }
        const added = rows.filter(({ createdAt, updatedAt }) => createdAt === updatedAt)
        if (added.length > 0) {
          yield* audit.record({
            action: "runtime.register",
            workspaceId: workspace.id,
            target: { kind: "machine", id: registration.daemonId, name: added[0]!.deviceInfo },
            details: { runtimes: added.map(({ provider }) => provider).join(", ") }
          })
        }
        yield* Effect.logDebug("registered").pipe(
          Effect.annotateLogs({ daemon_id: registration.daemonId, runtimes: rows.length })
        )
        return {
          runtimes: rows.map((row) => ({ ...Api.runtimeRecord(row), visibility: "" as const })),
          ...reposOf(workspace),
          settings: workspace.settings,
          capabilities: [Api.tasksCapability],
          ...(leftOut.length > 0 && { leftOut })
        }
      }),

      deregister: Effect.fnUntraced(function*({ payload }) {
        const caller = yield* Security.DaemonCaller
        const texts = payload.runtimeIds ?? []
        if (texts.length === 0) return yield* WireError.required("runtime_ids")
        const ids: Array<Runtime.RuntimeId> = []
        for (const text of texts) ids.push(yield* runtimeIdFrom(text, "runtime_ids"))
        // Absent and foreign runtimes are skipped. A fault is returned: the daemon must not take it for success.
        const found = yield* Effect.forEach(ids, (id) =>
          runtimes.runtime(caller, id).pipe(
            Effect.asSome,
            Effect.catchIf((error) => error.name === "NotFound", () => Effect.succeedNone)
          ), { concurrency: 16 })
        const mine: ReadonlyArray<Runtime.Runtime> = found.flatMap(Option.toArray)
        if (mine.length > 0) {
          const gone = mine.map(({ id }) => id)
          yield* Effect.mapError(registry.markOffline(gone), unable)
          // No request waits for these.
          yield* Effect.forEach(
            mine.filter(({ ephemeral }) => ephemeral === true),
            ({ id }) => Effect.mapError(registry.remove(id, null), unable),
            { discard: true }
          )
          yield* Effect.ignore(liveness.forget(gone))
          yield* directory.forget(gone)
          for (const workspace of new Set(mine.map(({ workspaceId }) => workspaceId))) {
            yield* wake.publish(Wake.topic.workspace(workspace))
          }
        }
        return Api.ok
      }),

      repos: Effect.fnUntraced(function*({ params }) {
        const id = Uuid.parse(params.workspaceId)
        if (id === undefined) return yield* WireError.noAccess()
        const caller = yield* Security.DaemonCaller
        if (!(yield* runtimes.mayEnter(caller, id as Identity.WorkspaceId))) return yield* WireError.noAccess()
        const workspace = yield* enter(id as Identity.WorkspaceId, caller)
        return { workspaceId: workspace.id, ...reposOf(workspace) }
      })
    })
  })
)
