import type { Runtime } from "@muster/domain"
import type { RegistryState } from "./RegistryState.ts"

/** The time of the row's last beat or, without one, of its creation. */
const seenAt = ({ createdAt, lastSeenAt }: Runtime.Runtime): number => lastSeenAt ?? createdAt

const bySilence = (a: Runtime.Runtime, b: Runtime.Runtime) => seenAt(a) - seenAt(b)

/** The later of the row's time and `at`: times may arrive out of order. */
const later = ({ lastSeenAt }: Runtime.Runtime, at: number): number => Math.max(lastSeenAt ?? at, at)

const isStale = ({ lastSeenAt, status }: Runtime.Runtime, before: number): boolean =>
  status === "online" && lastSeenAt !== null && lastSeenAt < before

export const markOnline = (state: RegistryState, id: Runtime.RuntimeId, at: number, now: number): boolean => {
  const row = state.row(id)
  if (row === undefined) return false
  state.put({ ...row, status: "online", lastSeenAt: later(row, at), updatedAt: now })
  return true
}

const setOffline = (state: RegistryState, row: Runtime.Runtime, now: number): Runtime.Runtime =>
  state.put({ ...row, status: "offline", updatedAt: now })

export const markOffline = (state: RegistryState, ids: ReadonlyArray<Runtime.RuntimeId>, now: number): void => {
  for (const id of ids) {
    const row = state.row(id)
    if (row?.status === "online") setOffline(state, row, now)
  }
}

export const touch = (state: RegistryState, seen: ReadonlyMap<Runtime.RuntimeId, number>): number => {
  let online = 0
  for (const [id, at] of seen) {
    const row = state.row(id)
    if (row?.status !== "online") continue
    state.put({ ...row, lastSeenAt: later(row, at) })
    online++
  }
  return online
}

export const stale = (state: RegistryState, before: number, max: number): ReadonlyArray<Runtime.Runtime> =>
  [...state.rows].filter((row) => isStale(row, before)).toSorted(bySilence).slice(0, max)

export const markStale = (
  state: RegistryState,
  ids: ReadonlyArray<Runtime.RuntimeId>,
  before: number,
  now: number
): ReadonlyArray<Runtime.Runtime> =>
  ids.flatMap((id) => {
    const row = state.row(id)
    return row !== undefined && isStale(row, before) ? [setOffline(state, row, now)] : []
  })

export const expire = (
  state: RegistryState,
  before: number,
  ephemeralBefore: number,
  max: number,
  now: number
): ReadonlyArray<Runtime.Runtime> => {
  const isExpired = (row: Runtime.Runtime) =>
    row.status === "offline" &&
    (seenAt(row) < before || (row.ephemeral === true && seenAt(row) < ephemeralBefore))
  const expired = [...state.rows].filter(isExpired)
    .toSorted(bySilence).slice(0, max)
  for (const row of expired) state.drop(row, { _tag: "Gone", reason: "expired", at: now })
  state.forgetTombstones(now)
  return expired
}
