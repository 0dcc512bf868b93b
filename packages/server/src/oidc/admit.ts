import { type Access, Account, type Identity, type Store } from "@muster/domain"
import { Effect, Option, Schema } from "effect"
import type { Identified } from "./Identified.ts"
import type { OidcSettings } from "./OidcSettings.ts"
import type { SignInProblem } from "./SignInProblem.ts"

/** The sign-in ends without a session. */
export class SignInRefused extends Schema.TaggedError<SignInRefused>()("SignInRefused", {
  problem: Schema.String,
  /** For the log. */
  detail: Schema.String
}) {
  declare readonly problem: SignInProblem
}

/** The workspace that a first sign-in joins. A slug without a workspace joins nothing, and the log reports it. */
const workspaceToJoin = Effect.fnUntraced(function*(access: AccessService, slug: string | undefined) {
  if (slug === undefined) return null
  const found = yield* access.workspaceBySlug(slug)
  if (Option.isSome(found)) return found.value.id
  yield* Effect.logWarning("no workspace has the slug of MUSTER_OIDC_WORKSPACE: a person signed in without a workspace")
    .pipe(
      Effect.annotateLogs({ slug })
    )
  return null
})

type AccessService = Access.Access["Service"]

/** `another_account`, `claimed` and `taken_account` as the contract has them. */
const linkProblems: Record<Access.AccountRefused["reason"], SignInProblem> = {
  another: "another_account",
  claimed: "claimed",
  taken: "taken_account"
}

const refusedLink = (detail: string) => ({ reason }: Access.AccountRefused) =>
  Effect.fail(new SignInRefused({ problem: linkProblems[reason], detail }))

const check = ({ account, assertion }: Identified, { allowedDomains }: OidcSettings, isLinked: boolean) => {
  const problem = Account.refuse(assertion, allowedDomains, isLinked)
  return problem === undefined
    ? Effect.void
    : Effect.fail(new SignInRefused({ problem, detail: assertion.email ?? account.subject }))
}

/**
 * Returns the user of a person that the provider identified. The account decides who it is; an e-mail address finds or
 * makes the user of a first sign-in only.
 */
export const admit = Effect.fnUntraced(function*(
  access: AccessService,
  settings: OidcSettings,
  identified: Identified
): Effect.fn.Return<Identity.User, SignInRefused | Store.StoreUnavailable> {
  const { account, assertion } = identified
  const known = yield* access.userOfAccount(account)
  yield* check(identified, settings, Option.isSome(known))
  if (Option.isSome(known)) return known.value
  const { email = "", name = email } = assertion
  const joins = yield* workspaceToJoin(access, settings.workspace)
  return yield* access.linkAccount(account, { email, name, joins }).pipe(
    Effect.catchTag("AccountRefused", refusedLink(email))
  )
})

/** Connects the account to a user who has signed in, and returns the user. Their e-mail addresses can differ. */
export const connect = Effect.fnUntraced(function*(
  access: AccessService,
  settings: OidcSettings,
  identified: Identified,
  userId: Identity.UserId
): Effect.fn.Return<Identity.User, SignInRefused | Store.StoreUnavailable> {
  yield* check(identified, settings, true)
  const { account, assertion } = identified
  const user = yield* access.connectAccount(account, userId).pipe(
    Effect.catchTag("AccountRefused", refusedLink(assertion.email ?? account.subject))
  )
  return Option.isSome(user)
    ? user.value
    : yield* new SignInRefused({ problem: "signed_out", detail: "the user is gone" })
})
