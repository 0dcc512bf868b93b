import { Api, AuditLog, type Identity, Security, WireError } from "@muster/domain"
import { DateTime, Effect, Option, Schema, Stream } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Audit } from "./Audit.ts"

const defaultLimit = 100

interface Query
  extends Partial<Record<"action" | "actor" | "cursor" | "format" | "from" | "limit" | "target" | "to", string>>
{}

const timeFrom = (name: "from" | "to", text: string | undefined) =>
  Effect.gen(function*() {
    if (text === undefined) return undefined
    const time = DateTime.make(text)
    return Option.isSome(time)
      ? DateTime.toEpochMillis(time.value)
      : yield* WireError.bad(`${name} must be a time such as 2026-01-31T12:00:00Z`)
  })

const limitFrom = (text: string | undefined, max: number, otherwise: number) => {
  const limit = text === undefined ? otherwise : Number(text)
  return Number.isInteger(limit) && limit >= 1 && limit <= max
    ? Effect.succeed(limit)
    : Effect.fail(WireError.bad(`limit must be 1 to ${max}`))
}

const cursorFrom = (text: string | undefined) =>
  Effect.gen(function*() {
    if (text === undefined) return undefined
    return AuditLog.parseAuditCursor(text) ?? (yield* WireError.bad("cursor must be the `next` of a previous page"))
  })

const filterFrom = Effect.fnUntraced(function*(workspace: Identity.WorkspaceId, query: Query) {
  const [from, to] = [yield* timeFrom("from", query.from), yield* timeFrom("to", query.to)]
  return {
    workspace,
    actor: query.actor,
    action: query.action,
    target: query.target,
    from,
    to
  } satisfies AuditLog.AuditFilter
})

/** Whether the caller asks for JSON lines. */
const wantsLines = ({ headers }: HttpServerRequest.HttpServerRequest, { format }: Query) =>
  format === undefined
    ? Effect.succeed(headers["accept"]?.includes(Api.jsonLinesType) === true)
    : format === "jsonl" || format === "json"
    ? Effect.succeed(format === "jsonl")
    : Effect.fail(WireError.bad("format must be json or jsonl"))

const encode = Schema.encodeSync(Schema.fromJsonString(Api.AuditRecord))
const line = (event: AuditLog.AuditEvent) => `${encode(event)}\n`

/** One more than the maximum, to know whether there is more. */
const stepOf = (left: number) => Math.min(AuditLog.maxAuditBatch, left + 1)

/** Reads the log step by step, so that an export of any length needs the memory of one step. */
const exported = (
  audit: Audit["Service"],
  filter: AuditLog.AuditFilter,
  start: AuditLog.AuditCursor | undefined,
  limit: number
) =>
  Stream.paginate(
    { cursor: start, left: limit },
    ({ cursor, left }) =>
      Effect.map(audit.page(filter, cursor, stepOf(left)), (events) => {
        const written = events.slice(0, left)
        const last = written.at(-1) ?? cursor
        const isCut = events.length > left
        const rest = isCut && last !== undefined ? `${JSON.stringify({ next: AuditLog.auditCursorText(last) })}\n` : ""
        const isEnd = isCut || events.length < stepOf(left)
        const following = isEnd ? Option.none() : Option.some({ cursor: last, left: left - written.length })
        return [[written.map(line).join("") + rest], following] as const
      })
  ).pipe(Stream.encodeText)

const fault = (cause: unknown) => WireError.fault("failed to read the audit log", cause)

/** The route of the audit log. */
export const layerAuditRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "audit",
  Effect.fn(function*(handlers) {
    const audit = yield* Audit
    return handlers.handleAll({
      list: Effect.fnUntraced(function*({ query }) {
        const { role, workspace } = yield* Security.CurrentWorkspace
        if (role === "member") {
          return yield* WireError.forbidden("only owners and admins of the workspace can read its audit log")
        }
        const filter = yield* filterFrom(workspace.id, query)
        const cursor = yield* cursorFrom(query.cursor)
        if (yield* wantsLines(yield* HttpServerRequest.HttpServerRequest, query)) {
          const limit = yield* limitFrom(query.limit, Api.maxAuditExport, Api.maxAuditExport)
          return HttpServerResponse.stream(exported(audit, filter, cursor, limit), { contentType: Api.jsonLinesType })
        }
        const limit = yield* limitFrom(query.limit, Api.maxAuditPage, defaultLimit)
        // One more, to know whether there is a next page.
        const found = yield* Effect.mapError(audit.page(filter, cursor, limit + 1), fault)
        const events = found.slice(0, limit)
        const last = events.at(-1)
        return { events, next: found.length > limit && last !== undefined ? AuditLog.auditCursorText(last) : null }
      })
    })
  })
)
