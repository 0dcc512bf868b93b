import { Api } from "@muster/domain"
import { Clock, Console, Effect, type Option, Schema } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { openSession, type Session } from "../api/Session.ts"
import { type Style, style } from "../output/Style.ts"
import { printTable, table } from "../output/Table.ts"
import { ago, indent, jsonText, plural, printable } from "../output/Text.ts"
import { versionOf } from "../runtime/RuntimeJson.ts"
import { findMachine } from "./FindMachine.ts"

interface Input {
  readonly workspace: Option.Option<string>
  readonly json: boolean
}

const listJson = Schema.encodeSync(Api.MachineList)
export const machineJson = Schema.encodeSync(Api.MachineRecord)
const detailJson = Schema.encodeSync(Api.MachineDetail)
const removedJson = Schema.encodeSync(Api.RemovedMachine)

/** Returns a machine's state in one word. */
export const stateOf = ({ drain, runtimeCounts, state }: Api.MachineRecord): string => {
  if (state !== "joined") return state
  if (drain !== null) return "draining"
  return runtimeCounts.online > 0 ? "online" : "offline"
}

const headings = ["NAME", "STATE", "RUNTIMES", "OWNER", "LABELS", "LAST SEEN", "ID"]

const colored = ({ dim, green, yellow }: Style, state: string) =>
  state === "online" ? green(state) : state === "draining" || state === "waiting" ? yellow(state) : dim(state)

const row = (now: number, styled: Style) => (machine: Api.MachineRecord) => [
  printable(machine.name) || "–",
  colored(styled, stateOf(machine)),
  `${machine.runtimeCounts.online} of ${machine.runtimeCounts.total} online`,
  printable(machine.ownerName),
  machine.labels.join(" "),
  ago(machine.lastSeenAt, now),
  machine.id
]

/** `muster machines list`: lists the machines of the workspace, and the daemons that have not joined. */
export const listMachines = Effect.fn("listMachines")(function*(input: Input) {
  const { connection, muster } = yield* openSession(input.workspace)
  const list = yield* muster.machines.list().pipe(call(connection))
  if (input.json) return yield* Console.log(jsonText(listJson(list)))
  if (list.machines.length === 0) {
    yield* Console.error("There are no machines yet.\nnext:  add one: muster machines add")
  } else {
    const now = yield* Clock.currentTimeMillis
    yield* printTable(headings, list.machines.map(row(now, yield* style)))
  }
  for (const { deviceInfo, ownerName, runtimeCounts } of list.unjoined) {
    yield* Console.error(
      `note:  ${printable(deviceInfo) || "a daemon"}${ownerName === "" ? "" : ` of ${printable(ownerName)}`} has ` +
        `${plural(runtimeCounts.total, "runtime")} and has not joined: muster machines add, then muster join there`
    )
  }
}, Effect.provide(FetchHttpClient.layer))

const named = Effect.fnUntraced(function*({ connection, muster }: Session, asked: string) {
  const { machines } = yield* muster.machines.list().pipe(call(connection))
  return yield* findMachine(machines, asked)
})

/** `muster machines show`: shows a machine with its runtimes. */
export const showMachine = Effect.fn("showMachine")(function*(input: Input & { readonly machine: string }) {
  const session = yield* openSession(input.workspace)
  const { id } = yield* named(session, input.machine)
  const machine = yield* session.muster.machines.one({ params: { machineId: id } }).pipe(call(session.connection))
  if (input.json) return yield* Console.log(jsonText(detailJson(machine)))
  const now = yield* Clock.currentTimeMillis
  const styled = yield* style
  const { credentialExpiresAt, drain } = machine
  const facts = [
    ["state", stateOf(machine)],
    ["owner", printable(machine.ownerName)],
    ["device", printable(machine.deviceInfo) || "–"],
    ["labels", machine.labels.join(" ") || "–"],
    ["last seen", ago(machine.lastSeenAt, now)],
    ["credential", credentialExpiresAt === null ? "none yet" : `until ${new Date(credentialExpiresAt).toISOString()}`],
    ...(drain === null
      ? []
      : [[
        "draining",
        `by ${printable(drain.byName)} ${ago(drain.since, now)}: ${printable(drain.note) || "no note"}`
      ]]),
    ...(machine.ephemeral ? [["ephemeral", "removed after 10 minutes of silence"]] : [])
  ]
  const runtimes = machine.runtimes.map((runtime) => [
    runtime.status === "online" ? styled.green("online") : styled.dim("offline"),
    printable(runtime.provider),
    printable(versionOf(runtime)) || "–",
    `last heartbeat ${ago(runtime.lastSeenAt, now)}`
  ])
  yield* Console.log([
    styled.bold(`${printable(machine.name) || "machine"} (${machine.id})`),
    indent(table(facts[0]!, facts.slice(1))),
    runtimes.length === 0 ? "  no runtimes" : indent(table(runtimes[0]!, runtimes.slice(1)))
  ].join("\n"))
}, Effect.provide(FetchHttpClient.layer))

interface Edit {
  readonly name?: string
  readonly labels?: ReadonlyArray<string>
  readonly drain?: boolean
  readonly note?: string
}

/** `muster machines rename`, `label`, `drain`, `resume`: changes a machine. */
export const editMachine = Effect.fn("editMachine")(
  function*(input: Input & { readonly machine: string; readonly edit: Edit }) {
    const session = yield* openSession(input.workspace)
    const { id } = yield* named(session, input.machine)
    const edited = yield* session.muster.machines.edit({ params: { machineId: id }, payload: input.edit }).pipe(
      call(session.connection)
    )
    if (input.json) return yield* Console.log(jsonText(machineJson(edited)))
    const name = printable(edited.name)
    if (input.edit.drain === true) {
      return yield* Console.log(`${name} is draining: it gets no new work, and what runs on it ends`)
    }
    if (input.edit.drain === false) return yield* Console.log(`${name} takes work again`)
    if (input.edit.labels !== undefined) {
      return yield* Console.log(`${name} has the labels: ${edited.labels.join(" ") || "none"}`)
    }
    yield* Console.log(`The machine is now called ${name}`)
  },
  Effect.provide(FetchHttpClient.layer)
)

/** `muster machines remove`: removes a machine and its runtimes. */
export const removeMachine = Effect.fn("removeMachine")(function*(input: Input & { readonly machine: string }) {
  const session = yield* openSession(input.workspace)
  const { id, name } = yield* named(session, input.machine)
  const removed = yield* session.muster.machines.remove({ params: { machineId: id } }).pipe(call(session.connection))
  if (input.json) return yield* Console.log(jsonText(removedJson(removed)))
  yield* Console.log(
    `${printable(name) || "The machine"} and ${plural(removed.runtimes, "runtime")} of it were removed; ` +
      (removed.credentialRevoked ? "its credential has ended" : "it goes on in other workspaces of its owner")
  )
}, Effect.provide(FetchHttpClient.layer))
