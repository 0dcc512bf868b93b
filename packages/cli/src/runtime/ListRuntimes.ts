import { Api, Fleet, Runtime } from "@muster/domain"
import { Clock, Console, Effect, Option, Schema } from "effect"
import * as TerminalCapabilities from "effect/cli/TerminalCapabilities"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { findNamed } from "../api/findNamed.ts"
import { openSession, type Session } from "../api/Session.ts"
import { type Style, style } from "../output/Style.ts"
import { outputWidth, table } from "../output/Table.ts"
import { ago, jsonText, plural, printable } from "../output/Text.ts"
import { secondDaemons } from "./SecondDaemons.ts"
import { template } from "./Template.ts"

export interface ListInput {
  readonly status: ReadonlyArray<Fleet.Status>
  readonly provider: ReadonlyArray<string>
  readonly owner: ReadonlyArray<string>
  readonly machine: ReadonlyArray<string>
  readonly label: ReadonlyArray<string>
  readonly search: Option.Option<string>
  readonly sort: Fleet.Sort
  readonly format: Option.Option<string>
  readonly watch: boolean
  readonly workspace: Option.Option<string>
  readonly json: boolean
}

type Query = Readonly<Record<string, string>>

const encode = Schema.encodeSync(Api.FleetItem)

/** Returns a runtime of the fleet for `--json` and `--format`: the API's record and the CLI's version. */
export const itemJson = (item: Api.FleetItem) => ({ ...encode(item), version: Runtime.versionOf(item) })

/** The names of all fields, for `--format`. */
const fields = [...Object.keys(Api.FleetItem.from.fields), "version"]

const uuid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/** Returns the id of an owner that a person named; `me` and ids as they are. */
const ownerId = ({ connection, muster }: Session, asked: string) =>
  asked === "me" || uuid.test(asked) ? Effect.succeed(asked) : muster.members.list().pipe(
    call(connection),
    Effect.flatMap((members) =>
      findNamed({ word: "member", list: "muster members", alias: ({ email }) => email.toLowerCase() }, members, asked)
    ),
    Effect.map(({ id }) => id)
  )

const queryFrom = Effect.fnUntraced(function*(session: Session, input: ListInput) {
  const owners = yield* Effect.forEach(input.owner, (owner) => ownerId(session, owner))
  const lists = {
    status: input.status,
    provider: input.provider,
    owner: owners,
    machine: input.machine,
    label: input.label
  }
  return {
    ...Object.fromEntries(
      Object.entries(lists).flatMap(([name, values]) => values.length === 0 ? [] : [[name, values.join(",")]])
    ),
    ...Option.match(input.search, { onNone: () => ({}), onSome: (q) => ({ q }) }),
    sort: input.sort
  }
})

/** Loads all runtimes that match, page by page. A runtime that moves between two pages is in the list once. */
export const loadAll = Effect.fnUntraced(function*({ connection, muster }: Session, query: Query) {
  const found = new Map<string, Api.FleetItem>()
  let cursor: string | null | undefined
  while (cursor !== null) {
    const page: Api.FleetPageRecord = yield* muster.fleet.page({
      query: { ...query, limit: String(Fleet.maxPage), ...(cursor !== undefined && { cursor }) }
    }).pipe(call(connection))
    for (const item of page.items) found.set(item.id, item)
    cursor = page.next
  }
  return [...found.values()]
})

/** Returns the state of a runtime in one word, as the console shows it. */
export const stateOf = ({ busy, draining, status, trouble }: Api.FleetItem): string =>
  status === "offline" ? status : trouble !== null ? "trouble" : draining ? "draining" : busy ? "busy" : status

export const coloredState = ({ dim, green, red, yellow }: Style, state: string): string =>
  state === "online" || state === "busy"
    ? green(state)
    : state === "trouble"
    ? red(state)
    : state === "draining"
    ? yellow(state)
    : dim(state)

const headings = ["NAME", "PROVIDER", "VERSION", "STATUS", "LAST SEEN", "ID"]

const row = (now: number, styled: Style) => (item: Api.FleetItem) => [
  printable(item.name),
  printable(item.provider),
  printable(Runtime.versionOf(item)) || "–",
  coloredState(styled, stateOf(item)),
  ago(item.lastSeenAt, now),
  item.id
]

/** How many troubles are explained. */
const maxNotes = 5

const notesOf = (items: ReadonlyArray<Api.FleetItem>, now: number): ReadonlyArray<string> => {
  const second = secondDaemons(items, now)
  const troubled = items.filter(({ secondDaemonAt, trouble }) => trouble !== null && secondDaemonAt === undefined)
  const rest = troubled.length - maxNotes
  return [
    ...second,
    ...troubled.slice(0, maxNotes).map(({ name, trouble }) => `${printable(name)}: ${printable(trouble ?? "")}`),
    ...(rest > 0 ? [`${plural(rest, "more runtime")} in trouble: muster runtimes --status trouble`] : [])
  ]
}

const tableText = Effect.fnUntraced(function*(items: ReadonlyArray<Api.FleetItem>) {
  const now = yield* Clock.currentTimeMillis
  return { text: table(headings, items.map(row(now, yield* style)), yield* outputWidth), notes: notesOf(items, now) }
})

const isFiltered = (query: Query) => Object.keys(query).some((name) => name !== "sort")

const printNone = (query: Query) =>
  Console.error(
    isFiltered(query)
      ? "There are no such runtimes.\nnext:  list all: muster runtimes"
      : "There are no runtimes yet.\nnext:  start a daemon on a machine with an agent CLI: muster daemon"
  )

/** How often a watched list is loaded. */
const watchEvery = "2 seconds"

const clear = "\u001B[2J\u001B[H"

/** What makes a runtime changed: a heartbeat alone does not. */
const keyOf = (item: Api.FleetItem) => JSON.stringify({ ...item, lastSeenAt: null, updatedAt: null })

/**
 * On a terminal, shows the list again when it changes; else prints a line for each runtime that is new, changed or gone. If there is
 * none at first, says so on standard error.
 */
const watch = Effect.fnUntraced(function*(
  load: Effect.Effect<ReadonlyArray<Api.FleetItem>, unknown>,
  { fill, json, query }: {
    readonly json: boolean
    readonly fill: ((document: unknown) => string) | undefined
    readonly query: Query
  }
) {
  const none = isFiltered(query)
    ? "There are no such runtimes yet. Watching for changes …"
    : "There are no runtimes yet. Watching for changes …"
  const { canAnimate } = yield* TerminalCapabilities.TerminalCapabilities
  let shown = new Map<string, string>()
  let text = ""
  const lineOf = (item: Api.FleetItem) => {
    const document = itemJson(item)
    if (json) return JSON.stringify(document)
    return fill?.(document) ?? `${item.id}  ${stateOf(item)}  ${printable(item.name)}`
  }
  const showTable = (items: ReadonlyArray<Api.FleetItem>) =>
    Effect.gen(function*() {
      const now = items.length === 0 ? none : (yield* tableText(items)).text
      if (now === text) return
      text = now
      yield* Console.log(`${clear}${now}`)
    })
  const printChanges = (items: ReadonlyArray<Api.FleetItem>) =>
    Effect.gen(function*() {
      const now = new Map(items.map((item) => [item.id as string, keyOf(item)]))
      yield* Effect.forEach(
        items.filter(({ id }) => shown.get(id) !== now.get(id)),
        (item) => Console.log(lineOf(item)),
        { discard: true }
      )
      yield* Effect.forEach(
        [...shown.keys()].filter((id) => !now.has(id)),
        (id) => Console.log(json ? JSON.stringify({ id, gone: true }) : `${id}  gone`),
        { discard: true }
      )
      shown = now
    })
  const show = canAnimate && !json && fill === undefined ? showTable : printChanges
  const first = yield* load
  if (first.length === 0 && show === printChanges) yield* Console.error(none)
  yield* show(first)
  return yield* Effect.forever(Effect.delay(Effect.flatMap(load, show), watchEvery))
})

/** `muster runtimes`: lists the runtimes of the workspace, what needs attention first. */
export const listRuntimes = Effect.fn("listRuntimes")(function*(input: ListInput) {
  const fill = yield* Effect.transposeOption(Option.map(input.format, (text) => template(text, fields)))
  const session = yield* openSession(input.workspace)
  const query = yield* queryFrom(session, input)
  if (input.watch) {
    return yield* watch(loadAll(session, query), { query, json: input.json, fill: Option.getOrUndefined(fill) })
  }
  const items = yield* loadAll(session, query)
  if (Option.isSome(fill)) {
    if (items.length > 0) yield* Console.log(items.map((item) => fill.value(itemJson(item))).join("\n"))
    return
  }
  if (input.json) return yield* Console.log(jsonText({ runtimes: items.map(itemJson) }))
  if (items.length === 0) return yield* printNone(query)
  const { notes, text } = yield* tableText(items)
  yield* Console.log(text)
  for (const note of notes) yield* Console.error(`note:  ${note}`)
}, Effect.provide(FetchHttpClient.layer))
