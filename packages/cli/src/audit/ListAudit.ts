import { Api } from "@muster/domain"
import { Clock, Console, Effect, Option, Schema } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { openSession, type Session } from "../api/Session.ts"
import { Failure } from "../failure/Failure.ts"
import { printTable } from "../output/Table.ts"
import { jsonText, printable } from "../output/Text.ts"

export interface AuditInput {
  readonly actor: Option.Option<string>
  readonly action: Option.Option<string>
  readonly target: Option.Option<string>
  /** A time, or how long ago: `7d`. */
  readonly since: Option.Option<string>
  readonly until: Option.Option<string>
  /** None: all, at most `Api.maxAuditExport`, for JSON lines; otherwise 50. */
  readonly limit: Option.Option<number>
  readonly json: boolean
  readonly jsonl: boolean
  readonly workspace: Option.Option<string>
}

/** How many events a table or a JSON document has if it is not said. */
const defaultLimit = 50

const units = { m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

const span = /^(\d{1,6})(m|min|h|d|w)$/

/** Returns the time that a flag names, as RFC 3339. */
const timeFrom = (flag: string, text: string) =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const [, count, unit] = span.exec(text.trim()) ?? []
    const time = unit === undefined ? Date.parse(text) : now - Number(count) * units[unit as keyof typeof units]
    return Number.isNaN(time)
      ? Effect.fail(
        new Failure({
          class: "usage",
          code: "usage",
          sentence: `--${flag} does not accept "${
            printable(text)
          }": use a time such as 2026-01-31T12:00:00Z, or 30min, 12h, 7d`,
          next: "see the usage: muster audit --help"
        })
      )
      : Effect.succeed(new Date(time).toISOString())
  })

const queryOf = Effect.fnUntraced(function*(input: AuditInput) {
  const time = (flag: "since" | "until") =>
    Effect.transposeOption(Option.map(input[flag], (text) => timeFrom(flag, text)))
  const given = {
    actor: input.actor,
    action: input.action,
    target: input.target,
    from: yield* time("since"),
    to: yield* time("until")
  }
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => Option.isSome(value) ? [[name, value.value]] : [])
  )
})

/** Calls `use` with the events page by page, newest first, up to `limit`. Returns the cursor of the rest. */
const eachPage = Effect.fnUntraced(function*<E, R>(
  { connection, muster }: Session,
  query: Readonly<Record<string, string>>,
  limit: number,
  use: (events: ReadonlyArray<Api.AuditRecord>) => Effect.Effect<void, E, R>
) {
  let [left, next]: [number, string | null] = [limit, null]
  do {
    const page: { readonly events: ReadonlyArray<Api.AuditRecord>; readonly next: string | null } = yield* muster.audit
      .list({
        query: { ...query, limit: String(Math.min(left, Api.maxAuditPage)), ...(next === null ? {} : { cursor: next }) }
      }).pipe(call(connection))
    yield* use(page.events)
    left -= page.events.length
    next = page.next
  } while (next !== null && left > 0)
  return next
})

const encode = Schema.encodeSync(Api.AuditRecord)

const nameOf = (one: { readonly kind: string; readonly id: string | null; readonly name: string | null }) =>
  printable(one.name ?? one.id ?? one.kind)

const row = ({ action, actor, address, at, details, target }: Api.AuditRecord) => [
  `${new Date(at).toISOString().slice(0, 19)}Z`,
  nameOf(actor),
  printable(action),
  target === null ? "" : `${printable(target.kind)} ${nameOf(target)}`,
  printable(address ?? ""),
  printable(Object.entries(details).map(([key, value]) => `${key}=${value ?? ""}`).join(" "))
]

const headings = ["TIME", "WHO", "ACTION", "WHAT", "FROM", "DETAILS"]

/** `muster audit`: lists the workspace's audit log, newest first. */
export const listAudit = Effect.fn("listAudit")(function*(input: AuditInput) {
  const query = yield* queryOf(input)
  const session = yield* openSession(input.workspace)
  if (input.jsonl) {
    const limit = Option.getOrElse(input.limit, () => Api.maxAuditExport)
    yield* eachPage(
      session,
      query,
      limit,
      (events) => Effect.forEach(events, (event) => Console.log(JSON.stringify(encode(event))), { discard: true })
    )
    return
  }
  const found: Array<Api.AuditRecord> = []
  const limit = Option.getOrElse(input.limit, () => defaultLimit)
  const next = yield* eachPage(session, query, limit, (events) => Effect.sync(() => found.push(...events)))
  if (input.json) return yield* Console.log(jsonText({ events: found.map((one) => encode(one)), next }))
  if (found.length === 0) return yield* Console.error("There are no such events.")
  yield* printTable(headings, found.map(row))
  if (next !== null) yield* Console.error(`There are more: --limit ${Math.min(2 * limit, Api.maxAuditExport)}`)
}, Effect.provide(FetchHttpClient.layer))
