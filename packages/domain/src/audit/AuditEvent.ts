import { Schema } from "effect"
import { WorkspaceId } from "../access/Identity.ts"
import { Uuid } from "../id/Uuid.ts"
import { plainText } from "../text/PlainText.ts"

export const AuditId = Uuid.pipe(Schema.brand("AuditId"))
export type AuditId = typeof AuditId.Type

/** The actor. `server`: the server itself; `unknown`: a caller whose credential was refused. */
export const AuditActor = Schema.Struct({
  kind: Schema.Literals(["person", "machine", "server", "unknown"]),
  /** Of the person, or the machine's daemon id. */
  id: Schema.NullOr(Schema.String),
  /** At the time of the event. */
  name: Schema.NullOr(Schema.String)
})
export type AuditActor = typeof AuditActor.Type

/** The credential that was presented, never its secret. */
export const AuditCredential = Schema.Struct({
  kind: Schema.Literals(["token", "session", "link", "invitation", "join", "machine", "daemon"]),
  id: Schema.NullOr(Schema.String),
  /** Its first 12 characters. */
  prefix: Schema.NullOr(Schema.String)
})
export type AuditCredential = typeof AuditCredential.Type

/** What was changed: its kind in one word, its id, and its name at the time. */
export const AuditTarget = Schema.Struct({
  kind: Schema.String,
  id: Schema.NullOr(Schema.String),
  name: Schema.NullOr(Schema.String)
})
export type AuditTarget = typeof AuditTarget.Type

/** Flat facts, such as the old and the new value. */
export const AuditDetails = Schema.Record(
  Schema.String,
  Schema.Union([Schema.String, Schema.Finite, Schema.Boolean, Schema.Null])
)
export type AuditDetails = typeof AuditDetails.Type

/** One change, or one refused sign-in. Written once, never changed. */
export const AuditEvent = Schema.Struct({
  id: AuditId,
  /** Epoch ms. */
  at: Schema.Finite,
  /** Null: it belongs to no workspace, for example a refused sign-in of an unknown caller. */
  workspaceId: Schema.NullOr(WorkspaceId),
  actor: AuditActor,
  credential: Schema.NullOr(AuditCredential),
  /** An `AuditAction`, or a word of a newer server. */
  action: Schema.String,
  target: Schema.NullOr(AuditTarget),
  /** The IP address that the call came from. */
  address: Schema.NullOr(Schema.String),
  /** The client as it names itself. */
  client: Schema.NullOr(Schema.String),
  details: AuditDetails
})
export type AuditEvent = typeof AuditEvent.Type

/** The maximum characters of the texts of an event, and the maximum number of details. Longer ones are cut. */
export const auditLimits = { id: 256, name: 256, word: 64, text: 500, details: 16 } as const

/** A text that could be a secret of Muster (`mul_` and hex digits). Its first 12 characters are kept. */
const secret = /\b(m[a-z]{2,3}_[0-9a-zA-Z]{8})[0-9a-zA-Z]{8,}/g

/** Returns the text on one line, cut, with possible secrets shortened. */
const clean = (text: string, max: number): string => plainText(text.replace(secret, "$1…"), max)
const cleanOrNull = (text: string | null, max: number): string | null => text === null ? null : clean(text, max)

const boundedDetails = (details: AuditDetails): AuditDetails =>
  Object.fromEntries(
    Object.entries(details).slice(0, auditLimits.details).map(([key, value]) => [
      clean(key, auditLimits.word),
      typeof value === "string" ? clean(value, auditLimits.text) : value
    ])
  )

/** Returns the event as the log keeps it: every text on one line, within `auditLimits`, without secrets. */
export const boundedAudit = (event: AuditEvent): AuditEvent => ({
  ...event,
  actor: {
    ...event.actor,
    id: cleanOrNull(event.actor.id, auditLimits.id),
    name: cleanOrNull(event.actor.name, auditLimits.name)
  },
  credential: event.credential === null ? null : {
    ...event.credential,
    id: cleanOrNull(event.credential.id, auditLimits.id),
    prefix: cleanOrNull(event.credential.prefix, auditLimits.word)
  },
  target: event.target === null ? null : {
    kind: clean(event.target.kind, auditLimits.word),
    id: cleanOrNull(event.target.id, auditLimits.id),
    name: cleanOrNull(event.target.name, auditLimits.name)
  },
  address: cleanOrNull(event.address, auditLimits.word),
  client: cleanOrNull(event.client, auditLimits.name),
  details: boundedDetails(event.details)
})
