import {
  type Access,
  type Identity,
  type Join,
  type Machine,
  Permission,
  type Runtime,
  type Store
} from "@muster/domain"
import { Clock, Effect } from "effect"

/** The caller: a member of the workspace. */
export interface Viewer {
  readonly userId: Identity.UserId
  readonly workspaceId: Identity.WorkspaceId
  readonly role: Identity.Role
}

/** Whether the runtime is one of this machine. */
export const isOn = ({ daemonId, ownerId }: Machine.Machine) => (runtime: Runtime.Runtime): boolean =>
  runtime.daemonId !== null && runtime.daemonId === daemonId && runtime.ownerId === ownerId

const countsOf = (runtimes: ReadonlyArray<Runtime.Runtime>) => ({
  online: runtimes.filter(({ status }) => status === "online").length,
  total: runtimes.length
})

const stateOf = ({ credentialExpiresAt, daemonId }: Machine.Machine, now: number) => {
  if (daemonId === null) return "waiting" as const
  return credentialExpiresAt === null || credentialExpiresAt <= now ? "expired" as const : "joined" as const
}

/** Names of people, by id; one who is no longer a member has none. */
export type Names = ReadonlyMap<Identity.UserId, string>

export const namesIn = (
  access: Access.Access["Service"],
  workspace: Identity.WorkspaceId
): Effect.Effect<Names, Store.StoreUnavailable> =>
  Effect.map(access.membersOf(workspace), (members) => new Map(members.map(({ id, name }) => [id, name])))

/** A machine as the API shows it to this viewer, with its runtimes in the workspace. */
export const machineRecord = Effect.fnUntraced(function*(
  machine: Machine.Machine,
  runtimes: ReadonlyArray<Runtime.Runtime>,
  names: Names,
  { role, userId, workspaceId }: Viewer
) {
  const isOwner = machine.ownerId === userId
  return {
    ...machine,
    state: stateOf(machine, yield* Clock.currentTimeMillis),
    ownerName: names.get(machine.ownerId) ?? "",
    workspaces: isOwner ? machine.workspaces : [workspaceId],
    drain: machine.drain === null ? null : { ...machine.drain, byName: names.get(machine.drain.by) ?? "" },
    runtimeCounts: countsOf(runtimes),
    mayManage: Permission.mayManageMachine({ role, isOwner })
  }
})

const keyOf = (owner: Identity.UserId | null, daemon: string | null) => JSON.stringify([owner, daemon])

/** The machines of a workspace, and the daemons in it that have not joined. */
export const machineList = Effect.fnUntraced(function*(
  machines: ReadonlyArray<Machine.Machine>,
  runtimes: ReadonlyArray<Runtime.Runtime>,
  names: Names,
  viewer: Viewer
) {
  const byDaemon = Map.groupBy(
    runtimes.filter(({ daemonId }) => daemonId !== null),
    ({ daemonId, ownerId }) => keyOf(ownerId, daemonId)
  )
  const joined = new Set(machines.map(({ daemonId, ownerId }) => keyOf(ownerId, daemonId)))
  return {
    machines: yield* Effect.forEach(
      machines,
      (machine) => machineRecord(machine, byDaemon.get(keyOf(machine.ownerId, machine.daemonId)) ?? [], names, viewer)
    ),
    unjoined: [...byDaemon].filter(([key]) => !joined.has(key)).map(([, rows]) => ({
      daemonId: rows[0]!.daemonId!,
      ownerId: rows[0]!.ownerId,
      ownerName: rows[0]!.ownerId === null ? "" : names.get(rows[0]!.ownerId) ?? "",
      deviceInfo: rows[0]!.deviceInfo,
      runtimeCounts: countsOf(rows)
    }))
  }
})

const keyState = ({ expiresAt, maxUses, revokedAt, uses }: Join.JoinKey, now: number) => {
  if (revokedAt !== null) return "revoked" as const
  if (maxUses !== null && uses >= maxUses) return "used" as const
  return expiresAt <= now ? "expired" as const : "valid" as const
}

export const keyRecord = ({ workspaceId: _, ...key }: Join.JoinKey, names: Names, now: number) => ({
  ...key,
  ownerName: names.get(key.ownerId) ?? "",
  state: keyState({ ...key, workspaceId: _ }, now)
})
