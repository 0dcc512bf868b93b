import { type Identity, Liveness, type Machine, Machines, RuntimeRegistry, Wake, WireError } from "@muster/domain"
import { Effect, Option } from "effect"
import { Authenticator } from "../access/Authenticator.ts"
import { RuntimeDirectory } from "../runtime/RuntimeDirectory.ts"
import { Drains } from "./Drains.ts"
import { isOn } from "./MachineRecords.ts"

const unable = (cause: unknown) => WireError.fault("failed to remove machine", cause)

/**
 * Returns a function that removes a machine from a workspace (from all of them: null) with its runtimes there, which
 * get a tombstone. Its daemon is notified immediately by its socket, and stops: one without a workspace has no
 * credential. Fails with `machine not found`.
 */
export const makeMachineRemoval = Effect.gen(function*() {
  const authenticator = yield* Authenticator
  const directory = yield* RuntimeDirectory
  const drains = yield* Drains
  const liveness = yield* Liveness.Liveness
  const machines = yield* Machines.Machines
  const registry = yield* RuntimeRegistry.RuntimeRegistry
  const wake = yield* Wake.Wake

  const removeRuntimes = Effect.fnUntraced(function*(
    machine: Machine.Machine,
    workspace: Identity.WorkspaceId,
    by: Identity.UserId
  ) {
    const ids = (yield* registry.list(workspace)).filter(isOn(machine)).map(({ id }) => id)
    yield* Effect.forEach(ids, (id) => registry.remove(id, by), { discard: true })
    yield* directory.forget(ids)
    yield* Effect.ignore(liveness.forget(ids))
    yield* Effect.forEach(ids, (id) => wake.publish(Wake.topic.runtime(id)), { discard: true })
    yield* wake.publish(Wake.topic.workspace(workspace))
    return ids.length
  })

  return Effect.fnUntraced(function*(
    id: Identity.MachineId,
    workspace: Identity.WorkspaceId | null,
    by: Identity.UserId
  ) {
    const left = yield* Effect.mapError(machines.leave(id, workspace), unable)
    if (Option.isNone(left)) return yield* WireError.absent("machine")
    const { ended, machine, removed } = left.value
    // Before its runtimes are removed: a registration with a cached credential would register them again.
    yield* Effect.forEach(ended, authenticator.forget, { discard: true })
    yield* drains.forget(machine)
    const workspaces = workspace === null ? machine.workspaces : [workspace]
    const counts = yield* Effect.mapError(Effect.forEach(workspaces, (one) => removeRuntimes(machine, one, by)), unable)
    return {
      machineId: id,
      workspaces,
      runtimes: counts.reduce((a, b) => a + b, 0),
      credentialRevoked: removed
    }
  })
})
