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

const refused = (reason: Access.AccountRefused["reason"]) => Result.fail(new Access.AccountRefused({ reason }))

/** One account per user and issuer. */
const add = (state: AccessState, account: Account.Account, user: Identity.User) => {
  const others = [...state.accounts.values()]
  if (others.some(({ issuer, userId }) => issuer === account.issuer && userId === user.id)) return refused("another")
  state.accounts.set(keyOf(account), { issuer: account.issuer, userId: user.id })
  return Result.succeed(user)
}

const link = (
  state: AccessState,
  account: Account.Account,
  { email, joins, name }: Access.NewAccount,
  id: Identity.UserId,
  now: number,
  maxMembers: number
): Result.Result<Identity.User, Access.AccountRefused> => {
  const known = userOf(state, account)
  if (known !== undefined) return Result.succeed(known)
  const user = ensureUser(state, email, name, id)
  if (state.claimed.has(user.id)) return refused("claimed")
  return Result.map(add(state, account, user), () => {
    if (joins !== null) join(state, user.id, joins, now, maxMembers)
    return user
  })
}

const connect = (
  state: AccessState,
  account: Account.Account,
  id: Identity.UserId
): Result.Result<Option.Option<Identity.User>, Access.AccountRefused> => {
  const known = userOf(state, account)
  if (known !== undefined) return known.id === id ? Result.succeed(Option.some(known)) : refused("taken")
  const user = state.users.get(id)
  return user === undefined ? Result.succeed(Option.none()) : Result.map(add(state, account, user), Option.some)
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
      }),
    connectAccount: (account, user) => Effect.suspend(() => Effect.fromResult(connect(state, account, user)))
  }) satisfies Partial<Access.Access["Service"]>
