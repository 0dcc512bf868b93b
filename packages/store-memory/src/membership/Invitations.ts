import { Identity, Invitation, MemberRules, Membership, MembershipBounds, type Token, Uuid } from "@muster/domain"
import { Clock, Effect, Option, Result } from "effect"
import type { AccessState, InvitationRow } from "../access/AccessState.ts"
import { putToken } from "../access/Tokens.ts"
import { ensureUser, membersOf, roleOf, setMember, workspacesOf } from "../access/Workspaces.ts"
import { refused } from "./Members.ts"

/** The maximum number of invitations in a list. */
const max = 1_000

const viewOf = (state: AccessState, row: InvitationRow): Invitation.Invitation => {
  const inviter = state.users.get(row.inviterId)!
  const workspace = state.workspaces.get(row.workspaceId)!
  return {
    ...row,
    inviterName: inviter.name,
    inviterEmail: inviter.email,
    workspaceName: workspace.name,
    workspaceSlug: workspace.slug
  }
}

/** Those that can still be accepted, newest first. */
const pending = (
  state: AccessState,
  now: number,
  isOf: (row: InvitationRow) => boolean
): ReadonlyArray<Invitation.Invitation> =>
  [...state.invitations.values()].filter((row) => Invitation.statusAt(row, now) === "pending" && isOf(row))
    .toReversed()
    .slice(0, max).map((row) => viewOf(state, row))

const forgetEnded = (state: AccessState, workspace: Identity.WorkspaceId, now: number): void => {
  for (const [hash, id] of state.invitationByHash) {
    const { expiresAt, status, updatedAt, workspaceId } = state.invitations.get(id)!
    const ended = status === "pending" ? expiresAt : updatedAt
    if (workspaceId !== workspace || now - ended <= Invitation.endedRetention) continue
    state.invitations.delete(id)
    state.invitationByHash.delete(hash)
  }
}

const invite = (
  state: AccessState,
  input: Membership.NewInvitation,
  id: Invitation.InvitationId,
  now: number,
  bound: number
) => {
  const { by, email, hash, workspaceId, ...rest } = input
  forgetEnded(state, workspaceId, now)
  const invitee = email === null ? undefined : state.userByEmail.get(email)
  const others = pending(state, now, (row) => row.workspaceId === workspaceId)
  const reason = MemberRules.refuseInvite({
    actor: roleOf(state, by, workspaceId),
    role: input.role,
    isMember: invitee !== undefined && roleOf(state, invitee, workspaceId) !== undefined,
    isPending: email !== null && others.some(({ inviteeEmail }) => inviteeEmail === email),
    isFull: others.length >= bound
  })
  if (reason !== undefined) return Result.fail(new Membership.InviteRefused({ reason }))
  const row: InvitationRow = {
    ...rest,
    id,
    workspaceId,
    inviterId: by,
    inviteeEmail: email,
    inviteeUserId: invitee === undefined || state.claimed.has(invitee) ? null : invitee,
    status: "pending",
    createdAt: now,
    updatedAt: now
  }
  state.invitations.set(id, row)
  state.invitationByHash.set(hash, id)
  return Result.succeed(viewOf(state, row))
}

const find = (state: AccessState, key: Membership.InvitationKey): InvitationRow | undefined => {
  const id = "id" in key ? key.id : state.invitationByHash.get(key.hash)
  return id === undefined ? undefined : state.invitations.get(id)
}

const put = (state: AccessState, row: InvitationRow, status: "accepted" | "declined" | "revoked", now: number) => {
  const changed: InvitationRow = { ...row, status, updatedAt: now }
  state.invitations.set(row.id, changed)
  return viewOf(state, changed)
}

const revoke = (
  state: AccessState,
  { by, id, workspaceId }: Parameters<Membership.Membership["Service"]["revokeInvitation"]>[0],
  now: number
) => {
  const role = roleOf(state, by, workspaceId)
  if (role === undefined) return refused("outsider")
  if (role === "member") return refused("forbidden")
  const row = state.invitations.get(id)
  if (row?.workspaceId !== workspaceId) return Result.succeed(false)
  if (row.status === "pending") put(state, row, "revoked", now)
  return Result.succeed(true)
}

const refuseAccept = (reason: Membership.AcceptRefused["reason"]) =>
  Result.fail(new Membership.AcceptRefused({ reason }))

const isNewcomer = (by: Identity.UserId | Membership.Newcomer): by is Membership.Newcomer => typeof by !== "string"

interface Ids {
  readonly user: Identity.UserId
  readonly token: Identity.TokenId
}

interface Bounds {
  readonly members: number
  readonly workspaces: number
}

const accept = (
  state: AccessState,
  key: Membership.InvitationKey,
  by: Identity.UserId | Membership.Newcomer,
  ids: Ids,
  now: number,
  bounds: Bounds
): Result.Result<Membership.Accepted, Membership.AcceptRefused> => {
  const row = find(state, key)
  if (row === undefined) return refuseAccept("unknown")
  const person = isNewcomer(by) ? { id: null, email: by.email } : state.users.get(by)
  if (person === undefined) return refuseAccept("another")
  const reason = MemberRules.refuseAcceptance({
    invitation: viewOf(state, row),
    status: Invitation.statusAt(row, now),
    key,
    person,
    isMember: person.id !== null && roleOf(state, person.id, row.workspaceId) !== undefined,
    isEmailTaken: person.id === null && state.userByEmail.has(person.email),
    isWorkspaceFull: membersOf(state, row.workspaceId).length >= bounds.members,
    isPersonFull: person.id !== null && workspacesOf(state, person.id).length >= bounds.workspaces
  })
  if (reason !== undefined) return refuseAccept(reason)
  const { token, user } = isNewcomer(by)
    ? admit(state, by, ids, now)
    : { user: state.users.get(by)!, token: null }
  setMember(state, user.id, row.workspaceId, row.role, now)
  return Result.succeed({ user, token, invitation: put(state, row, "accepted", now) })
}

/** Makes the newcomer's account, whose e-mail is a claim, and token. */
const admit = (state: AccessState, { email, name, token }: Membership.Newcomer, ids: Ids, now: number): {
  readonly user: Identity.User
  readonly token: Token.Token
} => {
  const user = ensureUser(state, email, name, ids.user)
  state.claimed.add(user.id)
  return { user, token: putToken(state, { ...token, userId: user.id, madeWith: null }, undefined, ids.token, now) }
}

const decline = (state: AccessState, id: Invitation.InvitationId, by: Identity.UserId, now: number) => {
  const row = state.invitations.get(id)
  if (row === undefined) return refuseAccept("unknown")
  if (row.inviteeUserId !== by) return refuseAccept("another")
  const status = Invitation.statusAt(row, now)
  return status === "pending" ? Result.succeed(put(state, row, "declined", now)) : refuseAccept(status)
}

/** The part of Membership for invitations. */
export const invitations = (state: AccessState) =>
  ({
    invite: (input) =>
      Effect.gen(function*() {
        const id = Invitation.InvitationId.make(yield* Uuid.random)
        const bound = (yield* MembershipBounds.MembershipBounds).invitations
        return yield* Effect.fromResult(invite(state, input, id, yield* Clock.currentTimeMillis, bound))
      }),
    pendingInvitations: (workspace) =>
      Effect.map(Clock.currentTimeMillis, (now) => pending(state, now, (row) => row.workspaceId === workspace)),
    invitationsFor: (user) =>
      Effect.map(Clock.currentTimeMillis, (now) => pending(state, now, (row) => row.inviteeUserId === user)),
    invitation: (key) =>
      Effect.sync(() => Option.map(Option.fromUndefinedOr(find(state, key)), (row) => viewOf(state, row))),
    revokeInvitation: (change) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fromResult(revoke(state, change, now))),
    accept: (key, by) =>
      Effect.gen(function*() {
        const ids = { user: Identity.UserId.make(yield* Uuid.random), token: Identity.TokenId.make(yield* Uuid.random) }
        const bounds = yield* MembershipBounds.MembershipBounds
        return yield* Effect.fromResult(accept(state, key, by, ids, yield* Clock.currentTimeMillis, bounds))
      }),
    decline: (id, by) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fromResult(decline(state, id, by, now)))
  }) satisfies Partial<Membership.Membership["Service"]>
