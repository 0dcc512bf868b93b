import { Access, Identity, Join, Machine, Machines, type Token, Uuid } from "@muster/domain"
import { Clock, Effect, Layer, Option, Result } from "effect"
import { countIn, type IsMember, join } from "./Joining.ts"
import { MachineState } from "./MachineState.ts"

/** The maximum number of machines, and of keys, in a list. */
const max = { machines: 10_000, keys: 1_000 }

const add = (state: MachineState, input: Machines.NewMachine, id: Identity.MachineId, now: number, max: number) => {
  if (countIn(state, input.workspaceId) >= max) {
    return Result.fail(new Machines.MachinesFull({ what: "machines", max }))
  }
  const { expiresAt, labels, name, ownerId, tokenHash, workspaceId } = input
  state.tokens.set(tokenHash, { machineId: id, ownerId, workspaceId, expiresAt, usedAt: null, revokedAt: null })
  return Result.succeed(state.put({
    id,
    ownerId,
    name,
    daemonId: null,
    workspaces: [workspaceId],
    labels,
    drain: null,
    ephemeral: false,
    joinKeyId: null,
    deviceInfo: "",
    createdAt: now,
    joinedAt: null,
    lastSeenAt: null,
    credentialExpiresAt: null
  }))
}

const createKey = (
  state: MachineState,
  input: Machines.NewJoinKey,
  id: Machine.JoinKeyId,
  now: number,
  max: number
) => {
  const valid = [...state.keys.values()].filter(({ expiresAt, revokedAt, workspaceId }) =>
    workspaceId === input.workspaceId && revokedAt === null && expiresAt > now
  )
  if (valid.length >= max) return Result.fail(new Machines.MachinesFull({ what: "keys", max }))
  const { hash, ...rest } = input
  const key: Join.JoinKey = { ...rest, id, uses: 0, revokedAt: null, createdAt: now }
  state.keys.set(id, key)
  state.keyByHash.set(hash, id)
  return Result.succeed(key)
}

const revokeKey = (
  state: MachineState,
  workspace: Identity.WorkspaceId,
  id: Machine.JoinKeyId,
  now: number
): Option.Option<Join.JoinKey> => {
  const key = state.keys.get(id)
  if (key === undefined || key.workspaceId !== workspace) return Option.none()
  const revoked = { ...key, revokedAt: key.revokedAt ?? now }
  state.keys.set(id, revoked)
  return Option.some(revoked)
}

const served = ({ ownerId, workspaces }: Machine.Machine, isMember: IsMember) =>
  workspaces.filter((workspace) => isMember(ownerId, workspace)).toSorted()

const authenticate = (state: MachineState, hash: Token.TokenHash, now: number, isMember: IsMember) => {
  const credential = state.credentials.get(hash)
  const machine = credential === undefined ? undefined : state.machines.get(credential.machineId)
  if (credential === undefined || machine === undefined || machine.daemonId === null) return Option.none()
  if (credential.expiresAt <= now) return Option.none()
  return Option.some<Identity.MachineCredential>({
    _tag: "Machine",
    machineId: machine.id,
    userId: machine.ownerId,
    daemonId: machine.daemonId,
    workspaces: served(machine, isMember),
    fingerprint: credential.fingerprint,
    ephemeral: machine.ephemeral,
    expiresAt: credential.expiresAt
  })
}

const isValid = (state: MachineState, hash: Token.TokenHash, now: number) =>
  (state.credentials.get(hash)?.expiresAt ?? 0) > now

const renew = (
  state: MachineState,
  old: Token.TokenHash,
  { expiresAt, hash }: { readonly hash: Token.TokenHash; readonly expiresAt: number },
  now: number
): boolean => {
  const credential = state.credentials.get(old)
  if (credential === undefined || !isValid(state, old, now)) return false
  for (const [other, { usedAt }] of state.credentialsOf(credential.machineId)) {
    if (other !== old && usedAt === null) state.credentials.delete(other)
  }
  state.credentials.set(hash, { ...credential, createdAt: now, expiresAt, usedAt: null })
  return true
}

const touch = (state: MachineState, hashes: ReadonlyArray<Token.TokenHash>, at: number): void => {
  for (const hash of hashes) {
    const credential = state.credentials.get(hash)
    const machine = credential === undefined ? undefined : state.machines.get(credential.machineId)
    if (credential === undefined || machine === undefined) continue
    state.credentials.set(hash, { ...credential, usedAt: Math.max(credential.usedAt ?? 0, at) })
    state.put({ ...machine, lastSeenAt: Math.max(machine.lastSeenAt ?? 0, at) })
    for (const [other, row] of state.credentialsOf(machine.id)) {
      if (row.createdAt >= credential.createdAt) continue
      state.credentials.set(other, { ...row, expiresAt: Math.min(row.expiresAt, at + Join.credentialOverlap) })
    }
  }
}

const shown = (state: MachineState, machine: Machine.Machine, isMember: IsMember): Machine.Machine => {
  const ends = state.credentialsOf(machine.id).map(([, { expiresAt }]) => expiresAt)
  return {
    ...machine,
    workspaces: served(machine, isMember),
    credentialExpiresAt: ends.length === 0 ? null : Math.max(...ends)
  }
}

const leave = (
  state: MachineState,
  id: Identity.MachineId,
  workspace: Identity.WorkspaceId | null,
  now: number,
  isMember: IsMember
): Option.Option<Machines.Left> => {
  const row = state.machines.get(id)
  if (row === undefined || (workspace !== null && !row.workspaces.includes(workspace))) return Option.none()
  const machine = shown(state, row, isMember)
  const workspaces = workspace === null ? [] : row.workspaces.filter((one) => one !== workspace)
  if (workspaces.length === 0) return Option.some({ machine, removed: true, ended: state.drop(id, now) })
  state.put({ ...row, workspaces })
  return Option.some({ machine, removed: false, ended: [] })
}

const expire = (
  state: MachineState,
  ephemeralBefore: number,
  max: number,
  now: number
): ReadonlyArray<Machine.Machine> => {
  const waits = new Set(
    [...state.tokens.values()].flatMap(({ expiresAt, machineId }) => expiresAt > now ? [machineId] : [])
  )
  const removed = [...state.machines.values()].filter((machine) =>
    machine.daemonId === null
      ? !waits.has(machine.id)
      : machine.ephemeral && (machine.lastSeenAt ?? machine.createdAt) < ephemeralBefore
  ).slice(0, max)
  for (const { id } of removed) state.drop(id, now)
  const before = now - Join.endedJoinRetention
  for (const [hash, { expiresAt }] of state.tokens) if (expiresAt < before) state.tokens.delete(hash)
  for (const [hash, { expiresAt }] of state.credentials) if (expiresAt < before) state.credentials.delete(hash)
  for (const [hash, id] of state.keyByHash) {
    if (state.keys.get(id)!.expiresAt >= before) continue
    state.keyByHash.delete(hash)
    state.keys.delete(id)
  }
  return removed
}

const drainOf = (
  state: MachineState,
  workspace: Identity.WorkspaceId,
  owner: Identity.UserId,
  daemon: Identity.DaemonId
): Option.Option<Machine.Drain> =>
  Option.fromNullishOr(
    [...state.machines.values()].find((one) =>
      one.ownerId === owner && one.daemonId === daemon && one.workspaces.includes(workspace)
    )?.drain
  )

const edit = (
  state: MachineState,
  id: Identity.MachineId,
  change: Machines.MachineEdit
): Machine.Machine | undefined => {
  const machine = state.machines.get(id)
  return machine === undefined ? undefined : state.put({ ...machine, ...change })
}

const ownersOf = (...machines: ReadonlyArray<Machine.Machine | undefined>) =>
  machines.flatMap((machine) => machine === undefined ? [] : [machine.ownerId])

const make = (state: MachineState, access: Access.Access["Service"]) => {
  /** The members of the workspaces of these people's machines, read before the atomic step. */
  const members = (owners: Iterable<Identity.UserId>) =>
    Effect.map(
      Effect.forEach(new Set(owners), (owner) =>
        Effect.map(access.workspacesOf(owner), (workspaces) =>
          [
            owner,
            new Set(workspaces.map(({ id }) => id))
          ] as const)),
      (entries): IsMember => {
        const known = new Map(entries)
        return (user, workspace) => known.get(user)?.has(workspace) ?? false
      }
    )
  const ownerOf = (hash: Token.TokenHash) =>
    ownersOf(state.machines.get(state.credentials.get(hash)?.machineId as Identity.MachineId))
  const ownersOfSecret = (secret: Token.TokenHash) => {
    const one = state.tokens.get(secret) ?? state.keys.get(state.keyByHash.get(secret) as Machine.JoinKeyId)
    return one === undefined ? [] : [one.ownerId]
  }
  const show = (machine: Machine.Machine | undefined) =>
    Effect.map(
      members(ownersOf(machine)),
      (isMember) => Option.map(Option.fromUndefinedOr(machine), (one) => shown(state, one, isMember))
    )

  return Machines.Machines.of({
    add: Effect.fnUntraced(function*(input) {
      const { machines } = yield* Machines.MachineBounds
      const id = Identity.MachineId.make(yield* Uuid.random)
      return yield* Effect.fromResult(add(state, input, id, yield* Clock.currentTimeMillis, machines))
    }),
    createKey: Effect.fnUntraced(function*(input) {
      const { keys } = yield* Machines.MachineBounds
      const id = Machine.JoinKeyId.make(yield* Uuid.random)
      return yield* Effect.fromResult(createKey(state, input, id, yield* Clock.currentTimeMillis, keys))
    }),
    keys: (workspace) =>
      Effect.sync(() =>
        [...state.keys.values()].filter(({ workspaceId }) => workspaceId === workspace).toReversed().slice(0, max.keys)
      ),
    revokeKey: (workspace, id) => Effect.map(Clock.currentTimeMillis, (now) => revokeKey(state, workspace, id, now)),
    join: Effect.fnUntraced(function*(input) {
      const isMember = yield* members(ownersOfSecret(input.secret))
      const { machines } = yield* Machines.MachineBounds
      const id = Identity.MachineId.make(yield* Uuid.random)
      const now = yield* Clock.currentTimeMillis
      const machine = yield* Effect.fromResult(join(state, input, id, now, isMember, machines))
      return shown(state, machine, yield* members([machine.ownerId]))
    }),
    authenticate: (hash) =>
      Effect.flatMap(
        members(ownerOf(hash)),
        (isMember) => Effect.map(Clock.currentTimeMillis, (now) => authenticate(state, hash, now, isMember))
      ),
    ended: (hashes) =>
      Effect.map(Clock.currentTimeMillis, (now) => hashes.filter((hash) => !isValid(state, hash, now))),
    renew: (old, next) => Effect.map(Clock.currentTimeMillis, (now) => renew(state, old, next, now)),
    touch: (hashes, at) => Effect.sync(() => touch(state, hashes, at)),
    find: (id) => Effect.suspend(() => show(state.machines.get(id))),
    list: (workspace) =>
      Effect.suspend(() => {
        const there = [...state.machines.values()].filter(({ workspaces }) => workspaces.includes(workspace))
        return Effect.map(members(ownersOf(...there)), (isMember) =>
          there.map((machine) =>
            shown(state, machine, isMember)
          )
            .filter(({ workspaces }) => workspaces.includes(workspace)).slice(0, max.machines))
      }),
    drainOf: (workspace, owner, daemon) => Effect.sync(() => drainOf(state, workspace, owner, daemon)),
    edit: (id, change) => Effect.suspend(() => show(edit(state, id, change))),
    leave: (id, workspace) =>
      Effect.flatMap(
        members(ownersOf(state.machines.get(id))),
        (isMember) => Effect.map(Clock.currentTimeMillis, (now) => leave(state, id, workspace, now, isMember))
      ),
    expire: (ephemeralBefore, limit) =>
      Effect.map(Clock.currentTimeMillis, (now) => expire(state, ephemeralBefore, limit, now))
  })
}

/** Machines in this process's memory; Access decides who is a member. */
export const MachinesMemory = {
  /** A node on this state: nodes on the same state are one backend. */
  layerOn: (state: MachineState): Layer.Layer<Machines.Machines, never, Access.Access> =>
    Layer.effect(Machines.Machines, Effect.map(Access.Access, (access) => make(state, access))),
  /** A backend of its own for each build. */
  layer: Layer.effect(Machines.Machines, Effect.map(Access.Access, (access) => make(new MachineState(), access)))
}
