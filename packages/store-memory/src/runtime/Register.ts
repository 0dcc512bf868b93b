import type { RegisteredRuntime, Registration, Runtime, RuntimeId } from "@muster/domain"
import type { RegistryState } from "./RegistryState.ts"

/** The row of one entry: the one that is there, brought up to date, or a new one with this id. */
const upsert = (
  state: RegistryState,
  { daemonId, owner, timezone, workspaceId }: Registration,
  entry: RegisteredRuntime,
  id: RuntimeId,
  now: number
): Runtime => {
  const known = state.rowOf(workspaceId, daemonId, entry.provider)
  const reported = { status: entry.status, deviceInfo: entry.deviceInfo, metadata: entry.metadata }
  if (known === undefined) {
    return state.put({
      ...reported,
      id,
      workspaceId,
      daemonId,
      name: entry.name,
      runtimeMode: "local",
      provider: entry.provider,
      ownerId: owner,
      visibility: "private",
      timezone,
      lastSeenAt: now,
      createdAt: now,
      updatedAt: now
    })
  }
  return state.put({
    ...known,
    ...reported,
    name: state.isNamed(known.id) ? known.name : entry.name,
    runtimeMode: "local",
    ownerId: owner ?? known.ownerId,
    lastSeenAt: now,
    updatedAt: now
  })
}

/** Takes away the rows that the same daemon left under its older ids, for the providers that it registers now. */
const mergeLegacy = (state: RegistryState, registration: Registration, registered: ReadonlySet<RuntimeId>): void => {
  const legacy = new Set(registration.legacyDaemonIds.map((id) => id.trim().toLowerCase()).filter((id) => id !== ""))
  if (legacy.size === 0) return
  const providers = new Set(registration.runtimes.map(({ provider }) => provider))
  for (const row of state.rows) {
    const isOld = row.daemonId !== null && row.workspaceId === registration.workspaceId &&
      providers.has(row.provider) &&
      legacy.has(row.daemonId.toLowerCase()) && !registered.has(row.id)
    if (isOld) state.drop(row)
  }
}

/** One registration, whole. `ids` brings one fresh id per entry; those of rows that exist are not used. */
export const register = (
  state: RegistryState,
  registration: Registration,
  ids: ReadonlyArray<RuntimeId>,
  now: number
): ReadonlyArray<Runtime> => {
  const rows = registration.runtimes.map((entry, i) => upsert(state, registration, entry, ids[i]!, now).id)
  mergeLegacy(state, registration, new Set(rows))
  return rows.map((id) => state.row(id)!)
}
