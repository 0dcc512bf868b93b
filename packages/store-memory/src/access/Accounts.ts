import { Access, type Account, Identity, Uuid } from "@muster/domain"
import { Effect, Option, Result } from "effect"
import type { AccessState } from "./AccessState.ts"
import { ensureUser, setMember } from "./Workspaces.ts"

const keyOf = ({ issuer, subject }: Account.Account) => JSON.stringify([issuer, subject])

const userOf = (state: AccessState, account: Account.Account) => {
  const linked = state.accounts.get(keyOf(account))
  return linked === undefined ? undefined : state.users.get(linked.userId)
}

const link = (
  state: AccessState,
  account: Account.Account,
  { email, joins, name }: Access.NewAccount,
  id: Identity.UserId
): Result.Result<Identity.User, Access.AnotherAccount> => {
  const known = userOf(state, account)
  if (known !== undefined) return Result.succeed(known)
  const user = ensureUser(state, email, name, id)
  const others = [...state.accounts.values()]
  if (others.some(({ issuer, userId }) => issuer === account.issuer && userId === user.id)) {
    return Result.fail(new Access.AnotherAccount({ email: user.email }))
  }
  const isMember = joins !== null && state.members.get(user.id)?.has(joins) === true
  if (joins !== null && state.workspaces.has(joins) && !isMember) setMember(state, user.id, joins, "member")
  state.accounts.set(keyOf(account), { issuer: account.issuer, userId: user.id })
  return Result.succeed(user)
}

/** The part of Access that is about accounts at sign-in providers. */
export const accounts = (state: AccessState) =>
  ({
    userOfAccount: (account) => Effect.sync(() => Option.fromUndefinedOr(userOf(state, account))),
    linkAccount: (account, person) =>
      Effect.flatMap(Uuid.random, (id) => Effect.fromResult(link(state, account, person, Identity.UserId.make(id))))
  }) satisfies Partial<Access.Access["Service"]>
