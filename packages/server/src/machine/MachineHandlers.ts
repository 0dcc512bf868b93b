import {
  Access,
  Api,
  Codec,
  Identity,
  Join,
  Machine,
  Machines,
  Permission,
  RuntimeRegistry,
  Security,
  Uuid,
  Wake,
  WireError
} from "@muster/domain"
import { Clock, Effect, Option } from "effect"
import { hashToken } from "../access/Authenticator.ts"
import { Audit } from "../audit/Audit.ts"
import { Limits } from "../limit/Limits.ts"
import { Drains } from "./Drains.ts"
import { changesOf, makeRecordIn, targetOf } from "./MachineAudit.ts"
import { isOn, machineList, machineRecord, namesIn, type Viewer } from "./MachineRecords.ts"
import { makeMachineRemoval } from "./MachineRemoval.ts"

const unable = (what: string) => (cause: unknown) => WireError.fault(`failed to ${what}`, cause)

/** Returns the labels of a body, or fails with the reason of their refusal. */
export const labelsIn = (texts: ReadonlyArray<string> | null | undefined) => {
  const labels = Machine.labelsFrom(texts ?? [])
  return typeof labels === "string" ? Effect.fail(WireError.bad(labels)) : Effect.succeed(labels)
}

/** Fails if the workspace has the maximum number of machines, or of keys that have not ended. */
export const full = ({ max, what }: Machines.MachinesFull) =>
  Effect.fail(WireError.tooMany(`this workspace has ${max} ${what}, which is the maximum: remove some first`))

/** The caller in the workspace of the call. */
export const viewer: Effect.Effect<Viewer, never, Security.Caller | Security.CurrentWorkspace> = Effect.gen(
  function*() {
    const { userId } = yield* Security.Caller
    const { role, workspace } = yield* Security.CurrentWorkspace
    return { userId, role, workspaceId: workspace.id }
  }
)

const makeMachineView = Effect.gen(function*() {
  const access = yield* Access.Access
  const machines = yield* Machines.Machines
  const registry = yield* RuntimeRegistry.RuntimeRegistry

  /** The machine of a path, in the workspace of the call. */
  const find = Effect.fnUntraced(function*(text: string, { workspaceId }: Viewer) {
    const id = Uuid.parse(text)
    if (id === undefined) return yield* WireError.invalid("machine id")
    const found = yield* Effect.mapError(machines.find(Identity.MachineId.make(id)), unable("load machine"))
    const machine = Option.filter(found, ({ workspaces }) => workspaces.includes(workspaceId))
    return Option.isSome(machine) ? machine.value : yield* WireError.absent("machine")
  })

  /** Fails unless the caller may rename, label, drain and remove it. */
  const managed = Effect.fnUntraced(function*(text: string, by: Viewer) {
    const machine = yield* find(text, by)
    if (Permission.mayManageMachine({ role: by.role, isOwner: machine.ownerId === by.userId })) return machine
    const names = yield* Effect.mapError(namesIn(access, by.workspaceId), unable("load machine"))
    const owner = names.get(machine.ownerId) ?? "its owner"
    return yield* WireError.forbidden(
      `you can only manage your own machines: ask ${owner}, or an owner or admin of the workspace`
    )
  })

  const shown = Effect.fnUntraced(
    function*(machine: Machine.Machine, by: Viewer) {
      const runtimes = (yield* registry.list(by.workspaceId)).filter(isOn(machine))
      const names = yield* namesIn(access, by.workspaceId)
      return { record: yield* machineRecord(machine, runtimes, names, by), runtimes }
    },
    Effect.mapError(unable("load machine"))
  )
  return { find, managed, shown }
})

/** Returns the change that a PATCH requests. */
const editFrom = Effect.fnUntraced(function*(
  { drain, labels, name, note }: {
    readonly name?: string | null
    readonly labels?: ReadonlyArray<string> | null
    readonly drain?: boolean | null
    readonly note?: string | null
  },
  by: Identity.UserId
) {
  if (name != null && name.trim() === "") return yield* WireError.bad("name must be 1 to 256 characters")
  if (drain !== true && note != null) return yield* WireError.bad("a note needs drain: true")
  const since = yield* Clock.currentTimeMillis
  return {
    ...(name == null ? {} : { name: name.trim() }),
    ...(labels == null ? {} : { labels: yield* labelsIn(labels) }),
    ...(drain == null ? {} : { drain: drain ? { since, by, note: Codec.goString(note) } : null })
  } satisfies Machines.MachineEdit
})

/** Returns the handlers of people's routes for machines. */
export const makeMachineHandlers = Effect.gen(function*() {
  const access = yield* Access.Access
  const audit = yield* Audit
  const limits = yield* Limits
  const drains = yield* Drains
  const machines = yield* Machines.Machines
  const registry = yield* RuntimeRegistry.RuntimeRegistry
  const wake = yield* Wake.Wake
  const view = yield* makeMachineView
  const remove = yield* makeMachineRemoval
  const recordIn = yield* makeRecordIn
  const changed = ({ workspaces }: Machine.Machine) =>
    Effect.forEach(workspaces, (id) => wake.publish(Wake.topic.workspace(id)), { discard: true })

  return {
    list: Effect.fnUntraced(function*() {
      const by = yield* viewer
      const { workspaceId } = by
      const [rows, runtimes, names] = yield* Effect.mapError(
        Effect.all([machines.list(workspaceId), registry.list(workspaceId), namesIn(access, workspaceId)]),
        unable("list machines")
      )
      return yield* machineList(rows, runtimes, names, by)
    }),

    one: Effect.fnUntraced(function*({ params }: OfMachine) {
      const by = yield* viewer
      const { record, runtimes } = yield* view.shown(yield* view.find(params.machineId, by), by)
      return { ...record, runtimes: runtimes.map(Api.runtimeRecord) }
    }),

    add: Effect.fnUntraced(
      function*({ payload }: { readonly payload: { readonly name?: string | null; readonly labels?: Texts } }) {
        const by = yield* viewer
        yield* limits.take("join_tokens", by.userId)
        const labels = yield* labelsIn(payload.labels)
        const token = yield* Join.generate("token")
        const expiresAt = (yield* Clock.currentTimeMillis) + Join.joinTokenLifetime
        const machine = yield* machines.add({
          ownerId: by.userId,
          workspaceId: by.workspaceId,
          name: Codec.goString(payload.name),
          labels,
          tokenHash: hashToken(token),
          expiresAt
        }).pipe(Effect.catchTags({
          MachinesFull: full,
          StoreUnavailable: (cause) => Effect.fail(unable("add machine")(cause))
        }))
        yield* changed(machine)
        yield* audit.record({ action: "machine.add", target: targetOf(machine), details: { labels: labels.join(" ") } })
        return { token, expiresAt, machine: (yield* view.shown(machine, by)).record }
      }
    ),

    edit: Effect.fnUntraced(function*({ params, payload }: OfMachine & { readonly payload: Patch }) {
      const by = yield* viewer
      const machine = yield* view.managed(params.machineId, by)
      const edit = yield* editFrom(payload, by.userId)
      const edited = yield* Effect.mapError(machines.edit(machine.id, edit), unable("update machine"))
      if (Option.isNone(edited)) return yield* WireError.absent("machine")
      yield* drains.forget(edited.value)
      yield* changed(edited.value)
      yield* Effect.forEach(changesOf(machine, edit), (note) => recordIn(machine.workspaces, note), { discard: true })
      return (yield* view.shown(edited.value, by)).record
    }),

    remove: Effect.fnUntraced(function*({ params }: OfMachine) {
      const by = yield* viewer
      const machine = yield* view.managed(params.machineId, by)
      const removed = yield* remove(machine.id, machine.ownerId === by.userId ? null : by.workspaceId, by.userId)
      yield* recordIn(removed.workspaces, {
        action: "machine.remove",
        target: targetOf(machine),
        details: { runtimes: removed.runtimes, credential_revoked: removed.credentialRevoked }
      })
      return removed
    })
  }
})

type Texts = ReadonlyArray<string> | null
type Patch = Parameters<typeof editFrom>[0]
interface OfMachine {
  readonly params: { readonly machineId: string }
}
