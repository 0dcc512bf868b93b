import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { MachineId, UserId, WorkspaceId } from "../access/Identity.ts"
import { maxWorkspaces } from "../access/Workspace.ts"
import { goText } from "../codec/Go.ts"
import { snakeKeys } from "../codec/Snake.ts"
import { RowTime } from "../codec/Time.ts"
import { JoinKey, maxJoinKeyDays, maxJoinKeyUses } from "../machine/Join.ts"
import { Drain, Machine, maxDrainNote, maxLabels, maxMachines } from "../machine/Machine.ts"
import { maxRuntimes } from "../runtime/Registration.ts"
import { listOf, nameOf, textLimits, Word } from "../text/BoundedText.ts"
import { RuntimeRecord } from "./RuntimeRecord.ts"
import { ReadableErrors, UserAuth, WorkspaceScope } from "./Security.ts"
import { BadRequest, Forbidden, NotFound, ServerFault, TooMany } from "./WireError.ts"

const RuntimeCounts = Schema.Struct({ online: Schema.Int, total: Schema.Int })

const DrainRecord = snakeKeys(Schema.Struct({ ...Drain.fields, since: RowTime, byName: Schema.String }))

const machineFields = {
  ...Machine.fields,
  ownerName: Schema.String,
  /** `waiting`: it has not joined yet. `expired`: its credential expired, so it has to join again. */
  state: Schema.Literals(["waiting", "joined", "expired"]),
  drain: Schema.NullOr(DrainRecord),
  createdAt: RowTime,
  joinedAt: Schema.NullOr(RowTime),
  lastSeenAt: Schema.NullOr(RowTime),
  credentialExpiresAt: Schema.NullOr(RowTime),
  /** Its runtimes in this workspace. */
  runtimeCounts: RuntimeCounts,
  /** Whether the caller may rename, label, drain and remove it. */
  mayManage: Schema.Boolean
}

/** A machine as the API shows it. `workspaces`: for its owner all of them, for others the one of the call. */
export const MachineRecord = snakeKeys(Schema.Struct(machineFields))
export type MachineRecord = typeof MachineRecord.Type

/** The same with its runtimes in the workspace of the call. */
export const MachineDetail = snakeKeys(
  Schema.Struct({ ...machineFields, runtimes: listOf(RuntimeRecord, maxRuntimes) })
)

/** A daemon whose runtimes are in the workspace, and that has not joined: it uses a person's or a daemon token. */
export const UnjoinedDaemon = snakeKeys(Schema.Struct({
  daemonId: Schema.String,
  ownerId: Schema.NullOr(UserId),
  ownerName: Schema.String,
  deviceInfo: Schema.String,
  runtimeCounts: RuntimeCounts
}))

export const MachineList = Schema.Struct({
  machines: listOf(MachineRecord, maxMachines),
  unjoined: listOf(UnjoinedDaemon, maxRuntimes)
})

const Labels = goText(listOf(Word, maxLabels, `must be a list of at most ${maxLabels} labels`))

const AddMachine = snakeKeys(Schema.Struct({ name: goText(nameOf(textLimits.name)), labels: Labels }))

/** The token; it is shown only here. */
export const JoinTokenRecord = snakeKeys(
  Schema.Struct({ token: Schema.String, expiresAt: RowTime, machine: MachineRecord })
)

/** What a person changes of a machine; absent and null do not change. */
const MachinePatch = snakeKeys(Schema.Struct({
  name: goText(nameOf(textLimits.name)),
  labels: Labels,
  /** True: no new work, with `note` as the reason; running work continues. False: it takes work again. */
  drain: Schema.optionalKey(Schema.NullOr(Schema.Boolean)),
  note: goText(nameOf(maxDrainNote))
}))

/** The result of a removal. */
export const RemovedMachine = snakeKeys(Schema.Struct({
  machineId: MachineId,
  workspaces: listOf(WorkspaceId, maxWorkspaces),
  runtimes: Schema.Int,
  /** False: it remains in other workspaces of its owner. */
  credentialRevoked: Schema.Boolean
}))

const { workspaceId: _, ...keyShown } = JoinKey.fields
const joinKeyFields = {
  ...keyShown,
  ownerName: Schema.String,
  state: Schema.Literals(["valid", "used", "expired", "revoked"]),
  expiresAt: RowTime,
  revokedAt: Schema.NullOr(RowTime),
  createdAt: RowTime
}
export const JoinKeyRecord = snakeKeys(Schema.Struct(joinKeyFields))
/** The key; it is shown only here. */
export const NewJoinKeyRecord = snakeKeys(Schema.Struct({ ...joinKeyFields, key: Schema.String }))

const positiveInt = (max: number) =>
  Schema.optionalKey(Schema.NullOr(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: max }))))

const CreateJoinKey = snakeKeys(Schema.Struct({
  name: goText(nameOf(textLimits.tokenName)),
  labels: Labels,
  ephemeral: Schema.optionalKey(Schema.NullOr(Schema.Boolean)),
  /** Absent or null: any number until it expires. */
  maxUses: positiveInt(maxJoinKeyUses),
  /** Absent or null: 30. */
  expiresInDays: positiveInt(maxJoinKeyDays)
}))

const params = { machineId: Word }
const errors = [BadRequest, NotFound, ServerFault] as const

/**
 * The machines of a workspace, and how others join it. Every member can see them; see `docs/access.md` for who can
 * change them.
 */
export class MachineApi extends HttpApiGroup.make("machines").add(
  HttpApiEndpoint.get("list", "/", { success: MachineList, error: errors }),
  /** Adds a machine of the caller to the workspace, and returns its join token: valid once, within 1 h. */
  HttpApiEndpoint.post("add", "/join-tokens", {
    payload: AddMachine,
    success: JoinTokenRecord.pipe(HttpApiSchema.status(201)),
    error: [...errors, TooMany]
  }),
  /** For owners and admins, as the next two. */
  HttpApiEndpoint.get("keys", "/join-keys", { success: listOf(JoinKeyRecord, 1_000), error: [...errors, Forbidden] }),
  HttpApiEndpoint.post("createKey", "/join-keys", {
    payload: CreateJoinKey,
    success: NewJoinKeyRecord.pipe(HttpApiSchema.status(201)),
    error: [...errors, Forbidden, TooMany]
  }),
  /** Machines that joined with it remain. */
  HttpApiEndpoint.delete("revokeKey", "/join-keys/:keyId", {
    params: { keyId: Word },
    success: JoinKeyRecord,
    error: [...errors, Forbidden]
  }),
  HttpApiEndpoint.get("one", "/:machineId", { params, success: MachineDetail, error: errors }),
  HttpApiEndpoint.patch("edit", "/:machineId", {
    params,
    payload: MachinePatch,
    success: MachineRecord,
    error: [...errors, Forbidden]
  }),
  /**
   * Removes the machine and its runtimes: by its owner from all workspaces, by others from this one. If it then serves
   * no workspace, its credentials end.
   */
  HttpApiEndpoint.delete("remove", "/:machineId", { params, success: RemovedMachine, error: [...errors, Forbidden] })
).middleware(WorkspaceScope).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/machines").annotateMerge(
  OpenApi.annotations({ title: "Machines", description: "See, add, drain and remove machines." })
) {}
