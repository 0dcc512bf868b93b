import { PingLights, Runtime } from "@muster/domain"
import { Clock, Console, Effect, Option } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { openSession, type Session } from "../api/Session.ts"
import { Failure } from "../failure/Failure.ts"
import { style } from "../output/Style.ts"
import { table } from "../output/Table.ts"
import { ago, indent, jsonText, plural, printable } from "../output/Text.ts"
import { defaultNote } from "./DefaultModel.ts"
import { findRuntime } from "./FindRuntime.ts"
import { coloredState, itemJson, loadAll, stateOf } from "./ListRuntimes.ts"
import { runtimeJson } from "./RuntimeJson.ts"

interface Input {
  readonly workspace: Option.Option<string>
  readonly json: boolean
}

/** Opens a session and finds a runtime in it. */
export const openNamed = Effect.fnUntraced(function*(input: Input & { readonly runtime: string }) {
  const session = yield* openSession(input.workspace)
  const runtimes = yield* session.muster.runtimes.list({ query: {} }).pipe(call(session.connection))
  return { ...session, runtime: yield* findRuntime(runtimes, input.runtime) }
})

/** Returns the runtime with what the fleet knows of it. */
const itemOf = (session: Session, id: string) =>
  Effect.flatMap(loadAll(session, { q: id }), (items) => {
    const item = items.find((one) => one.id === id)
    return item === undefined
      ? Effect.fail(
        new Failure({
          class: "notFound",
          code: "runtime_not_found",
          sentence: "the runtime was deleted just now",
          next: "list the runtimes: muster runtimes"
        })
      )
      : Effect.succeed(item)
  })

/** `muster runtimes show`: shows a runtime. */
export const showRuntime = Effect.fn("showRuntime")(function*(input: Input & { readonly runtime: string }) {
  const { runtime, ...session } = yield* openNamed(input)
  const item = yield* itemOf(session, runtime.id)
  if (input.json) return yield* Console.log(jsonText(itemJson(item)))
  const now = yield* Clock.currentTimeMillis
  const styled = yield* style
  const { execution } = PingLights.unpinged(item)
  const works = execution.at === undefined ? execution.text : `${execution.text} (${ago(execution.at, now)})`
  const muster = item.metadata["cli_version"]
  const facts = [
    ["state", `${coloredState(styled, stateOf(item))}${item.trouble === null ? "" : `: ${printable(item.trouble)}`}`],
    ["last seen", ago(item.lastSeenAt, now)],
    ["provider", `${printable(Runtime.providerName(item.provider))} ${printable(Runtime.versionOf(item))}`.trim()],
    ["its CLI", `${execution.state}: ${printable(works)}`],
    ["machine", printable(item.machineName)],
    ["labels", item.labels.join(" ") || "–"],
    ["owner", printable(item.ownerName ?? "–")],
    ["default model", printable(item.defaultModel ?? "–")],
    ["visibility", item.visibility],
    ["muster", typeof muster === "string" && muster !== "" ? printable(muster) : "–"],
    ["daemon", printable(item.daemonId ?? "–")],
    ["registered", ago(item.createdAt, now)]
  ]
  const note = yield* defaultNote(session, item)
  yield* Console.log(
    [styled.bold(`${printable(item.name)} (${item.id})`), indent(table(facts[0]!, facts.slice(1)))].join("\n")
  )
  if (note !== undefined) yield* Console.error(`note:  ${note}`)
}, Effect.provide(FetchHttpClient.layer))

interface Edit {
  readonly name?: string
  readonly visibility?: string
  readonly timezone?: string
}

/** Returns the change that the flags of `muster runtimes edit` ask for. Fails if there is none. */
export const editFrom = (flags: { readonly [K in keyof Edit]-?: Option.Option<string> }) => {
  const edit: Edit = Object.fromEntries(
    Object.entries(flags).flatMap(([name, value]) => Option.isSome(value) ? [[name, value.value]] : [])
  )
  return Object.keys(edit).length > 0 ? Effect.succeed(edit) : Effect.fail(
    new Failure({
      class: "usage",
      code: "usage",
      sentence: "there is nothing to change",
      next: "use --name, --visibility or --timezone"
    })
  )
}

/** `muster runtimes rename`, `edit`: changes a runtime. */
export const editRuntime = Effect.fn("editRuntime")(
  function*(input: Input & { readonly runtime: string; readonly edit: Edit }) {
    const { connection, muster, runtime } = yield* openNamed(input)
    const edited = yield* muster.runtimes.edit({ params: { runtimeId: runtime.id }, payload: input.edit }).pipe(
      call(connection)
    )
    if (input.json) return yield* Console.log(jsonText(runtimeJson(edited)))
    const { name, timezone, visibility } = edited
    yield* Console.log(
      input.edit.visibility === undefined && input.edit.timezone === undefined
        ? `The runtime is now called ${printable(name)}`
        : `${printable(name)} is ${visibility}, in the time zone ${printable(timezone)}`
    )
  },
  Effect.provide(FetchHttpClient.layer)
)

/** `muster runtimes delete`: deletes runtimes. All are found before the first one is deleted. */
export const deleteRuntimes = Effect.fn("deleteRuntimes")(
  function*(input: Input & { readonly runtimes: ReadonlyArray<string> }) {
    const { connection, muster } = yield* openSession(input.workspace)
    const all = yield* muster.runtimes.list({ query: {} }).pipe(call(connection))
    const found = yield* Effect.forEach(new Set(input.runtimes), (asked) => findRuntime(all, asked))
    const unique = [...new Map(found.map((runtime) => [runtime.id, runtime])).values()]
    yield* Effect.forEach(
      unique,
      ({ id }) => muster.runtimes.remove({ params: { runtimeId: id } }).pipe(call(connection)),
      { discard: true }
    )
    if (input.json) return yield* Console.log(jsonText({ deleted: unique.map(({ id, name }) => ({ id, name })) }))
    const online = unique.filter(({ status }) => status === "online").length
    yield* Console.log(`Deleted ${unique.map(({ name }) => printable(name)).join(", ")}`)
    if (online > 0) {
      yield* Console.error(
        `note:  ${plural(online, "runtime")} of them online: a running daemon registers them again, with new ids`
      )
    }
  },
  Effect.provide(FetchHttpClient.layer)
)
