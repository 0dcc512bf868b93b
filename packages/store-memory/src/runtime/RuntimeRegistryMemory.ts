import {
  Access,
  type Identity,
  Instances,
  type Registration,
  Runtime,
  RuntimeRegistry,
  StoreBounds,
  Uuid
} from "@muster/domain"
import { Clock, Effect, Layer, Option } from "effect"
import { register } from "./Register.ts"
import { RegistryState } from "./RegistryState.ts"
import * as Silence from "./Silence.ts"

/** The maximum number of runtimes in a list. */
const max = 10_000

const list = (state: RegistryState, workspace: Identity.WorkspaceId): ReadonlyArray<Runtime.Runtime> =>
  [...state.rows].filter(({ workspaceId }) => workspaceId === workspace).slice(0, max)

const edit = (
  state: RegistryState,
  id: Runtime.RuntimeId,
  change: RuntimeRegistry.RuntimeEdit,
  now: number
): Option.Option<Runtime.Runtime> => {
  const row = state.row(id)
  if (row === undefined) return Option.none()
  if (change.name !== undefined) state.name(id)
  return Option.some(state.put({ ...row, ...change, updatedAt: now }))
}

const takeOver = (
  state: RegistryState,
  id: Runtime.RuntimeId,
  by: Identity.UserId,
  now: number
): ReadonlyArray<Runtime.Runtime> => {
  const row = state.row(id)
  if (row === undefined) return []
  const { daemonId, workspaceId } = row
  const isOfDaemon = (one: Runtime.Runtime) =>
    one.id === id || (daemonId !== null && one.daemonId === daemonId && one.workspaceId === workspaceId)
  return [...state.rows].filter(isOfDaemon).map((one) => state.put({ ...one, ownerId: by, updatedAt: now }))
}

const remove = (state: RegistryState, id: Runtime.RuntimeId, by: Identity.UserId | null, now: number): boolean => {
  const row = state.row(id)
  if (row !== undefined) state.drop(row, { _tag: "Gone", reason: "deleted", by, at: now })
  return row !== undefined
}

const beaten = (
  state: RegistryState,
  id: Runtime.RuntimeId,
  instance: string,
  now: number
): Option.Option<Runtime.Runtime> =>
  Option.map(
    Option.fromUndefinedOr(state.row(id)),
    (row) => state.put({ ...row, instances: Instances.afterBeat(row.instances ?? null, instance, now) })
  )

const noteCli = (state: RegistryState, id: Runtime.RuntimeId, attempt: Partial<Runtime.CliHealth>): void => {
  const row = state.row(id)
  if (row !== undefined) state.put({ ...row, cli: Runtime.afterAttempt(row.cli ?? null, attempt) })
}

const make = (state: RegistryState, access: Access.Access["Service"]) =>
  RuntimeRegistry.RuntimeRegistry.of({
    register: Effect.fnUntraced(function*(registration: Registration.Registration) {
      const workspace = yield* access.workspace(registration.workspaceId)
      if (Option.isNone(workspace)) {
        return yield* new RuntimeRegistry.WorkspaceAbsent({ workspaceId: registration.workspaceId })
      }
      const { owner, workspaceId } = registration
      const ids = yield* Effect.forEach(registration.runtimes, () =>
        Effect.map(Uuid.random, (id) => Runtime.RuntimeId.make(id)))
      const now = yield* Clock.currentTimeMillis
      const bounds = yield* StoreBounds.StoreBounds
      const isMember = owner === null || Option.isSome(yield* access.roleOf(owner, workspaceId))
      if (!isMember) {
        return yield* new RuntimeRegistry.WorkspaceAbsent({ workspaceId })
      }
      return yield* Effect.fromResult(register(state, registration, ids, now, bounds.runtimes))
    }),
    takeOver: Effect.fnUntraced(function*(id: Runtime.RuntimeId, by: Identity.UserId) {
      const now = yield* Clock.currentTimeMillis
      const row = state.row(id)
      if (row === undefined || Option.isNone(yield* access.roleOf(by, row.workspaceId))) {
        return []
      }
      return takeOver(state, id, by, now)
    }),
    find: (id) =>
      Effect.sync(() => state.find(id)),
    rows: (ids) => Effect.sync(() => ids.flatMap((id) => state.row(id) ?? [])),
    list: (workspace) => Effect.sync(() => list(state, workspace)),
    edit: (id, change) => Effect.map(Clock.currentTimeMillis, (now) => edit(state, id, change, now)),
    remove: (id, by) => Effect.map(Clock.currentTimeMillis, (now) => remove(state, id, by, now)),
    markOnline: (id, at) => Effect.map(Clock.currentTimeMillis, (now) => Silence.markOnline(state, id, at, now)),
    beaten: (id, instance) => Effect.map(Clock.currentTimeMillis, (now) => beaten(state, id, instance, now)),
    noteCli: (id, attempt) => Effect.sync(() => noteCli(state, id, attempt)),
    markOffline: (ids) => Effect.map(Clock.currentTimeMillis, (now) => Silence.markOffline(state, ids, now)),
    touch: (seen) => Effect.sync(() => Silence.touch(state, seen)),
    stale: (before, limit) => Effect.sync(() => Silence.stale(state, before, limit)),
    markStale: (ids, before) =>
      Effect.map(Clock.currentTimeMillis, (now) => Silence.markStale(state, ids, before, now)),
    expire: (before, limit, ephemeralBefore = before) =>
      Effect.map(Clock.currentTimeMillis, (now) => Silence.expire(state, before, ephemeralBefore, limit, now))
  })

/** The table of runtimes in this process's memory; Access decides which workspaces exist. */
export const RuntimeRegistryMemory = {
  /** A node on this state: nodes on the same state are one backend. */
  layerOn: (state: RegistryState): Layer.Layer<RuntimeRegistry.RuntimeRegistry, never, Access.Access> =>
    Layer.effect(RuntimeRegistry.RuntimeRegistry, Effect.map(Access.Access, (access) => make(state, access))),
  /** A backend of its own for each build. */
  layer: Layer.effect(
    RuntimeRegistry.RuntimeRegistry,
    Effect.map(Access.Access, (access) => make(new RegistryState(), access))
  )
}
