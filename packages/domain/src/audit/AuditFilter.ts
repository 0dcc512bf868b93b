import { Schema } from "effect"
import type { WorkspaceId } from "../access/Identity.ts"
import { Uuid } from "../id/Uuid.ts"
import { AuditId } from "./AuditEvent.ts"
import type { AuditEvent } from "./AuditEvent.ts"

/** Which events of a workspace's log to return. An absent field does not filter. */
export interface AuditFilter {
  /** Its events, and those of unknown callers that belong to no workspace. */
  readonly workspace: WorkspaceId
  /** The id or the name of the actor; names without regard to case. */
  readonly actor?: string | undefined
  /** An action, or its subject alone: `token` matches `token.create`. */
  readonly action?: string | undefined
  /** The id or the name of the target, or its kind. */
  readonly target?: string | undefined
  /** Epoch ms, inclusive. */
  readonly from?: number | undefined
  /** Epoch ms, exclusive. */
  readonly to?: number | undefined
}

/** The end of a page: the next page has events older than this one. */
export interface AuditCursor {
  readonly at: number
  readonly id: AuditId
}

/** Newest first; events of the same moment have a fixed order. */
export const newestAuditFirst = (a: AuditCursor, b: AuditCursor): number =>
  b.at - a.at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)

const named = (wanted: string | undefined, names: ReadonlyArray<string | null | undefined>): boolean =>
  wanted === undefined || names.some((name) => name?.toLowerCase() === wanted.toLowerCase())

/** Whether the event belongs to the log of the filter's workspace and matches the filter. */
export const matchesAudit = (filter: AuditFilter, event: AuditEvent): boolean => {
  const { action, actor, from = -Infinity, target, to = Infinity, workspace } = filter
  const isHere = event.workspaceId === workspace || (event.workspaceId === null && event.actor.kind === "unknown")
  return isHere && event.at >= from && event.at < to &&
    named(actor, [event.actor.id, event.actor.name]) &&
    named(target, [event.target?.id, event.target?.name, event.target?.kind]) &&
    (action === undefined || event.action === action || event.action.startsWith(`${action}.`))
}

const form = /^(\d{1,16})_(.{36})$/
const isUuid = Schema.is(Uuid)

/** The cursor as one word of a query. */
export const auditCursorText = ({ at, id }: AuditCursor): string => `${at}_${id}`

/** Reads a cursor; undefined: the text is not a cursor. */
export const parseAuditCursor = (text: string): AuditCursor | undefined => {
  const [, at, id] = form.exec(text) ?? []
  return at !== undefined && id !== undefined && isUuid(id) ? { at: Number(at), id: AuditId.make(id) } : undefined
}
