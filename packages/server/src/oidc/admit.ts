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
const workspaceToJoin = Effect.fnUntraced(function*(access: Access.Access["Service"], slug: string | undefined) {
  if (slug === undefined) return null
  const found = yield* access.workspaceBySlug(slug)
  if (Option.isSome(found)) return found.value.id
  yield* Effect.logWarning("no workspace has the slug of MUSTER_OIDC_WORKSPACE: a person signed in without a workspace")
    .pipe(
      Effect.annotateLogs({ slug })
    )
  return null
})

/**
 * Returns the user of a person that the provider identified. The account decides who it is; an e-mail address finds or
 * makes the user of a first sign-in only.
 */
export const admit = Effect.fnUntraced(function*(
  access: Access.Access["Service"],
  { allowedDomains, workspace }: OidcSettings,
  { account, assertion }: Identified
): Effect.fn.Return<Identity.User, SignInRefused | Store.StoreUnavailable> {
  const known = yield* access.userOfAccount(account)
  const refusal = Account.refuse(assertion, allowedDomains, Option.isSome(known))
  if (refusal !== undefined) {
    return yield* new SignInRefused({ problem: refusal, detail: assertion.email ?? account.subject })
  }
  if (Option.isSome(known)) return known.value
  const { email = "", name = email } = assertion
  const joins = yield* workspaceToJoin(access, workspace)
  return yield* access.linkAccount(account, { email, name, joins }).pipe(
    Effect.catchTag(
      "AnotherAccount",
      () => Effect.fail(new SignInRefused({ problem: "another_account", detail: email }))
    )
  )
})
