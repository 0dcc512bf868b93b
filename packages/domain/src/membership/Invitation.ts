import { type Effect, Schema } from "effect"
import { Role, UserId, WorkspaceId } from "../access/Identity.ts"
import * as Token from "../access/Token.ts"
import { Uuid } from "../id/Uuid.ts"
import { isPlainText } from "../text/PlainText.ts"
import type { InvitationKey } from "./Membership.ts"

export const InvitationId = Uuid.pipe(Schema.brand("InvitationId"))
export type InvitationId = typeof InvitationId.Type

/** How an invitation ended, or that it has not. One that has expired is pending in the store: see `statusAt`. */
export const InvitationStatus = Schema.Literals(["pending", "accepted", "declined", "revoked", "expired"])
export type InvitationStatus = typeof InvitationStatus.Type

/** An invitation into a workspace, with the names that people need to recognize it. Times are epoch milliseconds. */
export const Invitation = Schema.Struct({
  id: InvitationId,
  workspaceId: WorkspaceId,
  workspaceName: Schema.String,
  workspaceSlug: Schema.String,
  inviterId: UserId,
  inviterName: Schema.String,
  inviterEmail: Schema.String,
  /** The only address that can accept it, in lower case; null: anyone who has the link. */
  inviteeEmail: Schema.NullOr(Schema.String),
  /** The person who had this address when the invitation was made. They can accept it without the link. */
  inviteeUserId: Schema.NullOr(UserId),
  role: Role,
  status: InvitationStatus,
  createdAt: Schema.Finite,
  updatedAt: Schema.Finite,
  expiresAt: Schema.Finite
})
export type Invitation = typeof Invitation.Type

/** The status of an invitation at `now` (epoch ms). */
export const statusAt = (
  { expiresAt, status }: Pick<Invitation, "expiresAt" | "status">,
  now: number
): InvitationStatus => status === "pending" && expiresAt <= now ? "expired" : status

/** A person who would accept an invitation; without an id: a newcomer. `email` normalized. */
export interface Person {
  readonly id: UserId | null
  readonly email: string
}

/**
 * Whether an invitation is for this person. By its id it is for the one who had its e-mail when it was made; by its
 * link also for the person who has its e-mail now, and for anyone if it names none.
 */
export const isFor = (
  { inviteeEmail, inviteeUserId }: Pick<Invitation, "inviteeEmail" | "inviteeUserId">,
  key: InvitationKey,
  person: Person
): boolean => {
  const isInvitee = inviteeUserId !== null && inviteeUserId === person.id
  return "id" in key ? isInvitee : isInvitee || inviteeEmail === null || inviteeEmail === person.email
}

const day = 24 * 60 * 60 * 1000

/** How long an invitation is valid, in days: by default, and at most. */
export const days = { default: 7, max: 30 } as const

/** How long an ended invitation is kept, in ms, so that its link gets the reason. */
export const endedRetention = 30 * day

/** How many pending invitations a workspace can have, and how many a person can be invited with at a time. */
export const maxPending = 1_000

/** The prefix of an invitation's secret. It is the prefix of no token. */
const secretPrefix = "miv_"

/** Returns a new secret for an invitation's link: `miv_` and 40 hex digits, 16 random bytes and a checksum of 4. */
export const generateSecret: Effect.Effect<string> = Token.generateSecret(secretPrefix)

/** Whether the text is a whole secret of an invitation. False: it was mistyped or cut off, so no store knows it. */
export const isSecret = (text: string): boolean => text.startsWith(secretPrefix) && Token.isWellFormedSecret(text)

/** The first part of the fragment of an invitation's URL. A fragment is never sent to a server, so no log has it. */
export const fragment = "#invite="

/** The path of an invitation's link; the server's URL precedes it. */
export const pathOf = (secret: string): string => `/${fragment}${secret}`

const emailPattern = /^[^\s@]+@[^\s@]+$/

/** An e-mail address as it is stored and compared: trimmed, in lower case. */
export const normalEmail = (email: string): string => email.trim().toLowerCase()

/** Whether the text has the form of an e-mail address: something, one `@`, something; no spaces or control characters. */
export const isEmail = (text: string): boolean => emailPattern.test(normalEmail(text)) && isPlainText(text)
