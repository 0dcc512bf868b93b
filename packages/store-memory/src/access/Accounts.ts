import { Access, type Account, Identity, MembershipBounds, Uuid } from "@muster/domain"
import { Clock, Effect, Option, Result } from "effect"
import type { AccessState } from "./AccessState.ts"
import { ensureUser, membersOf, roleOf, setMember } from "./Workspaces.ts"

const keyOf = ({ issuer, subject }: Account.Account) => JSON.stringify([issuer, subject])

const userOf = (state: AccessState, account: Account.Account) => {
  const linked = state.accounts.get(keyOf(account))
  return linked === undefined ? undefined : state.users.get(linked.userId)
}

/** Changes no role. Skips a workspace that is gone or full. */
const join = (
  state: AccessState,
  user: Identity.UserId,
  workspace: Identity.WorkspaceId,
  now: number,
  maxMembers: number
): void => {
  const isOpen = state.workspaces.has(workspace) && membersOf(state, workspace).length < maxMembers
  if (isOpen && roleOf(state, user, workspace) === undefined) setMember(state, user, workspace, "member", now)
}

const link = (
  state: AccessState,
  account: Account.Account,
  { email, joins, name }: Access.NewAccount,
  id: Identity.UserId,
  now: number,
  maxMembers: number
): Result.Result<Identity.User, Access.AnotherAccount> => {
  const known = userOf(state, account)
  if (known !== undefined) return Result.succeed(known)
  const user = ensureUser(state, email, name, id)
  const others = [...state.accounts.values()]
  if (others.some(({ issuer, userId }) => issuer === account.issuer && userId === user.id)) {
    return Result.fail(new Access.AnotherAccount({ email: user.email }))
  }
  if (joins !== null) join(state, user.id, joins, now, maxMembers)
  state.accounts.set(keyOf(account), { issuer: account.issuer, userId: user.id })
  return Result.succeed(user)
}

/** The part of Access for accounts at sign-in providers. */
export const accounts = (state: AccessState) =>
  ({
    userOfAccount: (account) => Effect.sync(() => Option.fromUndefinedOr(userOf(state, account))),
    linkAccount: (account, person) =>
      Effect.gen(function*() {
        const id = Identity.UserId.make(yield* Uuid.random)
        const { members } = yield* MembershipBounds.MembershipBounds
        return yield* Effect.fromResult(link(state, account, person, id, yield* Clock.currentTimeMillis, members))
      })
  }) satisfies Partial<Access.Access["Service"]>
