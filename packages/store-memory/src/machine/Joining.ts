import { type Identity, Join, type Machine, Machines } from "@muster/domain"
import { Result } from "effect"
import type { MachineState } from "./MachineState.ts"

/** Whether a person is a member of a workspace. */
export type IsMember = (user: Identity.UserId, workspace: Identity.WorkspaceId) => boolean

export const countIn = (state: MachineState, workspace: Identity.WorkspaceId): number =>
  [...state.machines.values()].filter(({ workspaces }) => workspaces.includes(workspace)).length

const refused = (admission: Join.JoinAdmission, now: number) => {
  const reason = Join.refuseJoin(admission, now)
  return reason === undefined ? undefined : Result.fail(new Machines.JoinRefused({ reason }))
}

const union = <A>(first: ReadonlyArray<A>, second: ReadonlyArray<A>) => [...new Set([...first, ...second])]

/** What a join changes of a machine, with a token or a key. */
const joined = ({ daemonId, deviceInfo }: Machines.Join, now: number) => ({
  daemonId,
  deviceInfo,
  joinedAt: now,
  lastSeenAt: now
})

/** With a token: the waiting machine takes over what the owner's machine with this daemon had. */
const byToken = (state: MachineState, join: Machines.Join, now: number, isMember: IsMember) => {
  const token = state.tokens.get(join.secret)
  if (token === undefined) return undefined
  const failure = refused({
    ...token,
    uses: token.usedAt === null ? 0 : 1,
    maxUses: 1,
    isMember: isMember(token.ownerId, token.workspaceId)
  }, now)
  const waiting = state.machines.get(token.machineId)
  if (failure !== undefined || waiting === undefined) {
    return failure ?? Result.fail(new Machines.JoinRefused({ reason: "revoked" }))
  }
  state.tokens.set(join.secret, { ...token, usedAt: now })
  const before = state.ofDaemon(token.ownerId, join.daemonId)
  if (before !== undefined) state.drop(before.id, now)
  return Result.succeed(state.put({
    ...waiting,
    ...joined(join, now),
    name: waiting.name || before?.name || join.name,
    workspaces: union(before?.workspaces ?? [], waiting.workspaces),
    labels: waiting.labels.length > 0 ? waiting.labels : before?.labels ?? [],
    drain: before?.drain ?? null
  }))
}

const byKey = (
  state: MachineState,
  join: Machines.Join,
  id: Identity.MachineId,
  now: number,
  isMember: IsMember,
  max: number
) => {
  const key = state.keys.get(state.keyByHash.get(join.secret)!)
  if (key === undefined) return undefined
  const failure = refused({ ...key, isMember: isMember(key.ownerId, key.workspaceId) }, now)
  if (failure !== undefined) return failure
  const before = state.ofDaemon(key.ownerId, join.daemonId)
  const isNewThere = before === undefined || !before.workspaces.includes(key.workspaceId)
  if (isNewThere && countIn(state, key.workspaceId) >= max) {
    return Result.fail(new Machines.MachinesFull({ what: "machines", max }))
  }
  state.keys.set(key.id, { ...key, uses: key.uses + 1 })
  const fresh: Machine.Machine = {
    id,
    ownerId: key.ownerId,
    name: join.name,
    workspaces: [],
    labels: [],
    drain: null,
    createdAt: now,
    ephemeral: key.ephemeral,
    joinKeyId: key.id,
    credentialExpiresAt: null,
    ...joined(join, now)
  }
  return Result.succeed(state.put({
    ...fresh,
    ...before,
    ...joined(join, now),
    workspaces: union(before?.workspaces ?? [], [key.workspaceId]),
    labels: union(before?.labels ?? [], key.labels).slice(0, 16),
    ephemeral: key.ephemeral,
    joinKeyId: key.id
  }))
}

/** One complete join; `id`: of the machine that a key makes. */
export const join = (
  state: MachineState,
  input: Machines.Join,
  id: Identity.MachineId,
  now: number,
  isMember: IsMember,
  max: number
): Result.Result<Machine.Machine, Machines.JoinRefused | Machines.MachinesFull> => {
  const made: Result.Result<Machine.Machine, Machines.JoinRefused | Machines.MachinesFull> =
    byToken(state, input, now, isMember) ??
      byKey(state, input, id, now, isMember, max) ?? Result.fail(new Machines.JoinRefused({ reason: "unknown" }))
  return Result.map(made, (machine) => {
    for (const [hash] of state.credentialsOf(machine.id)) state.credentials.delete(hash)
    state.credentials.set(input.credential, {
      machineId: machine.id,
      fingerprint: input.fingerprint,
      createdAt: now,
      expiresAt: input.expiresAt,
      usedAt: null
    })
    return machine
  })
}
