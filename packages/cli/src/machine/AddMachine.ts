import type { Api } from "@muster/domain"
import { Console, Effect, Option, Schedule } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { openSession, type Session } from "../api/Session.ts"
import { Failure } from "../failure/Failure.ts"
import { table } from "../output/Table.ts"
import { indent, jsonText, printable } from "../output/Text.ts"
import { serverUrl } from "../profile/ServerUrl.ts"
import { versionOf } from "../runtime/RuntimeJson.ts"
import { machineJson } from "./Machines.ts"

/** How long a machine that joined may take to register its agent CLIs before it is shown without. */
const firstLook = "20 seconds"

const isLocal = (url: string) => ["localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname)

type Detail = typeof Api.MachineDetail.Type

/** Looks at the machine each second, until `until` is true. */
const watch = ({ connection, muster }: Session, id: string, until: (machine: Detail) => boolean) =>
  muster.machines.one({ params: { machineId: id } }).pipe(
    call(connection),
    Effect.repeat({ until, schedule: Schedule.spaced("1 second") }),
    Effect.mapError((failure) =>
      failure.code === "machine_not_found"
        ? new Failure({
          class: "unanswered",
          code: "machine_not_joined",
          sentence: "no machine joined: the token has expired, or the machine was removed",
          next: "add it again: muster machines add"
        })
        : failure
    )
  )

const awaitMachine = Effect.fnUntraced(function*(session: Session, id: string) {
  yield* watch(session, id, ({ state }) => state !== "waiting")
  const registered = yield* watch(session, id, ({ runtimes }) => runtimes.length > 0).pipe(
    Effect.timeoutOption(firstLook)
  )
  return Option.isSome(registered) ? registered.value : yield* watch(session, id, () => true)
})

const arrival = ({ name, runtimes }: Detail) => {
  const rows = runtimes.map((
    runtime
  ) => [runtime.status, printable(runtime.provider), printable(versionOf(runtime)) || "–"])
  return [
    `${printable(name)} joined`,
    rows.length === 0 ? "  it has found no agent CLI yet" : indent(table(rows[0]!, rows.slice(1)))
  ].join("\n")
}

/** `muster machines add`: prints the command with which another machine joins, and waits for it if asked to. */
export const addMachine = Effect.fn("addMachine")(function*(input: {
  readonly name: Option.Option<string>
  readonly label: ReadonlyArray<string>
  readonly server: Option.Option<string>
  readonly wait: boolean
  readonly workspace: Option.Option<string>
  readonly json: boolean
}) {
  const session = yield* openSession(input.workspace)
  const url = Option.isSome(input.server) ? yield* serverUrl(input.server.value, "--server") : session.connection.url
  const { machine, token } = yield* session.muster.machines.add({
    payload: {
      labels: input.label,
      ...Option.match(input.name, { onNone: () => ({}), onSome: (name) => ({ name }) })
    }
  }).pipe(call(session.connection))
  const command = `npx muster join ${url} ${token}`
  if (!input.json) {
    yield* Console.error("Run this on the other machine, where Muster is installed; it works once, within 1 hour:\n")
    yield* Console.log(command)
    if (isLocal(url)) {
      yield* Console.error(
        `\nnote:  ${url} is this machine only; for another one, give the address that it reaches: --server http://HOST:PORT`
      )
    }
  }
  if (!input.wait) {
    return input.json
      ? yield* Console.log(jsonText({ command, token, server_url: url, machine: machineJson(machine) }))
      : undefined
  }
  if (!input.json) yield* Console.error("\nwaiting for the machine …")
  const joined = yield* awaitMachine(session, machine.id)
  if (!input.json) return yield* Console.log(arrival(joined))
  yield* Console.log(jsonText({
    command,
    server_url: url,
    machine: machineJson(joined),
    agents: joined.runtimes.map((runtime) => ({
      provider: runtime.provider,
      version: versionOf(runtime),
      status: runtime.status
    }))
  }))
}, Effect.provide(FetchHttpClient.layer))
