import { DaemonAccess, type Identity, type Registration, type Runtime, RuntimeRegistry } from "@muster/domain"
import { Result } from "effect"
import type { RegistryState } from "./RegistryState.ts"

/** The row of one entry: the existing one, updated, or a new one with this id. */
const upsert = (
  state: RegistryState,
  { daemonId, ephemeral = false, owner, timezone, workspaceId }: Registration.Registration,
  heir: Identity.UserId | null,
  entry: Registration.RegisteredRuntime,
  id: Runtime.RuntimeId,
  now: number
): Runtime.Runtime => {
  const known = state.rowOf(workspaceId, daemonId, entry.provider)
  const reported = { status: entry.status, deviceInfo: entry.deviceInfo, metadata: entry.metadata, ephemeral }
  if (known === undefined) {
    return state.put({
      ...reported,
      id,
      workspaceId,
      daemonId,
      name: entry.name,
      runtimeMode: "local",
      provider: entry.provider,
      ownerId: owner ?? heir,
      visibility: "private",
      timezone,
      lastSeenAt: now,
      createdAt: now,
      updatedAt: now,
      instances: null,
      cli: null,
      defaultModel: null
    })
  }
  return state.put({
    ...known,
    ...reported,
    name: state.isNamed(known.id) ? known.name : entry.name,
    runtimeMode: "local",
    ownerId: owner ?? known.ownerId ?? heir,
    lastSeenAt: now,
    updatedAt: now
  })
}

/** The people who own runtimes of this daemon in this workspace. */
const ownersOf = (
  state: RegistryState,
  { daemonId, workspaceId }: Registration.Registration
): ReadonlyArray<Identity.UserId> =>
  [...state.rows].flatMap((row) =>
    row.workspaceId === workspaceId && row.daemonId === daemonId && row.ownerId !== null ? [row.ownerId] : []
  )

/** Whether the registration adds more runtimes than the workspace may have. */
const isFull = (
  state: RegistryState,
  { daemonId, runtimes, workspaceId }: Registration.Registration,
  max: number
): boolean => {
  const providers = new Set(runtimes.map(({ provider }) => provider))
  const added = [...providers].filter((provider) => state.rowOf(workspaceId, daemonId, provider) === undefined).length
  return added > 0 && [...state.rows].filter((row) => row.workspaceId === workspaceId).length + added > max
}

/** Removes the rows of the same daemon's older ids, for the providers that it registers now. Returns what was merged. */
const mergeLegacy = (
  state: RegistryState,
  registration: Registration.Registration,
  rows: ReadonlyArray<Runtime.RuntimeId>
): RuntimeRegistry.Registered["merged"] => {
  const legacy = new Set(registration.legacyDaemonIds.map((id) => id.trim().toLowerCase()).filter((id) => id !== ""))
  if (legacy.size === 0) return []
  const heirs = new Map(registration.runtimes.map(({ provider }, i) => [provider, rows[i]!]))
  return [...state.rows].flatMap((row) => {
    const into = heirs.get(row.provider)
    const isOld = row.daemonId !== null && row.workspaceId === registration.workspaceId &&
      legacy.has(row.daemonId.toLowerCase()) && !rows.includes(row.id) &&
      DaemonAccess.mayMerge(registration.owner, row.ownerId)
    if (into === undefined || !isOld) return []
    state.drop(row)
    return [{ from: row.id, into }]
  })
}

/** One complete registration. `ids` has one new id per entry; those of existing rows are not used. */
export const register = (
  state: RegistryState,
  registration: Registration.Registration,
  ids: ReadonlyArray<Runtime.RuntimeId>,
  now: number,
  max: number
): Result.Result<RuntimeRegistry.Registered, RuntimeRegistry.DaemonOfAnother | RuntimeRegistry.RuntimesFull> => {
  const { daemonId, owner } = registration
  const owners = ownersOf(state, registration)
  const other = owners.find((ownerId) => !DaemonAccess.mayRegister(owner, ownerId))
  if (other !== undefined) return Result.fail(new RuntimeRegistry.DaemonOfAnother({ daemonId, ownerId: other }))
  if (isFull(state, registration, max)) return Result.fail(new RuntimeRegistry.RuntimesFull({ max }))
  const heir = owners[0] ?? null
  const rows = registration.runtimes.map((entry, i) => upsert(state, registration, heir, entry, ids[i]!, now).id)
  const merged = mergeLegacy(state, registration, rows)
  return Result.succeed({ runtimes: rows.map((id) => state.row(id)!), merged })
}
