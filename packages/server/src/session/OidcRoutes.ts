import { Access, type Identity } from "@muster/domain"
import { Clock, Effect, Layer, Option, Semaphore } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { Authenticator } from "../access/Authenticator.ts"
import { userCredential } from "../access/bearer.ts"
import { csrfToken } from "../access/Csrf.ts"
import { Audit } from "../audit/Audit.ts"
import { isForeign } from "../http/isForeign.ts"
import { queryOf } from "../http/queryOf.ts"
import { Limits } from "../limit/Limits.ts"
import { admit, connect, SignInRefused } from "../oidc/admit.ts"
import { OidcProvider } from "../oidc/OidcProvider.ts"
import { dropPending, keepPending, pendingOf } from "../oidc/PendingSignIn.ts"
import { problemPage } from "../oidc/problemPage.ts"
import { returnPath } from "../oidc/returnPath.ts"
import { makeSeal, type Seal } from "../oidc/Seal.ts"
import { accountOf, dropAccount, keepAccount } from "../oidc/SignedInAccount.ts"
import type { SignInProblem } from "../oidc/SignInProblem.ts"
import { withCookies } from "./Cookies.ts"
import { sessionLifetime, Sessions } from "./Sessions.ts"

/** How many sign-ins a server finishes at a time; each makes up to three calls to the provider. */
const maxFinishing = 20

/** What the routes share. The browser keeps all state of a sign-in, so that any replica finishes it. */
interface Shared {
  readonly provider: OidcProvider
  readonly access: Access.Access["Service"]
  readonly authenticator: Authenticator["Service"]
  readonly sessions: Sessions["Service"]
  readonly audit: Audit["Service"]
  readonly limits: Limits["Service"]
  readonly pendingSeal: Seal
  readonly accountSeal: Seal
  readonly finishing: Semaphore.Semaphore
  /** Of cookies. */
  readonly options: { readonly secure: boolean }
}

type Response = HttpServerResponse.HttpServerResponse

const redirectTo = (url: string) => HttpServerResponse.redirect(url, { headers: { "cache-control": "no-store" } })

const refused = (problem: SignInProblem, detail: string) => new SignInRefused({ problem, detail })

/** What the administrator should see, because people cannot correct it. */
const warned: ReadonlySet<SignInProblem> = new Set(["client", "invalid", "fault"])

const note = ({ audit, provider }: Shared, { detail, problem }: SignInRefused) =>
  Effect.logWithLevel(warned.has(problem) ? "Warn" : "Info")("sign-in with the provider refused").pipe(
    Effect.annotateLogs({ problem, detail }),
    Effect.andThen(audit.record({
      action: "sign_in.refuse",
      credential: null,
      details: { method: "oidc", provider: provider.settings.name, reason: problem, detail }
    }))
  )

/** An answer with another state, perhaps made up by another site, leaves the pending sign-in alone. */
const orPage = <R>(shared: Shared, effect: Effect.Effect<Response, SignInRefused, R>) =>
  Effect.catchTag(effect, "SignInRefused", (refusal) => {
    const page = problemPage(refusal.problem, shared.provider.settings)
    // The limit counts them: the audit log has no event of each.
    const noted = refusal.problem === "limited" ? Effect.void : note(shared, refusal)
    return Effect.as(noted, refusal.problem === "state" ? page : dropPending(page, shared.options))
  })

/** Who connects an account: the person of the session that the console of this server sent. */
const connecting = Effect.fnUntraced(
  function*({ authenticator }: Shared, request: HttpServerRequest.HttpServerRequest) {
    const { scopes, userId } = yield* userCredential(authenticator, request).pipe(
      Effect.mapError(({ error }) => refused("signed_out", error))
    )
    const isAllowed = scopes.includes("admin") && !isForeign(request)
    return isAllowed ? userId : yield* refused("signed_out", "not from the console, or without the scope admin")
  }
)

const start = Effect.fnUntraced(function*(shared: Shared) {
  const { limits, options, pendingSeal, provider } = shared
  yield* Effect.mapError(limits.takeOfCaller("sign_ins"), ({ error }) => refused("limited", error))
  const request = yield* HttpServerRequest.HttpServerRequest
  const query = queryOf(request.url)
  const connects = query.get("connect") === "1" ? yield* connecting(shared, request) : null
  const { url, ...checks } = yield* Effect.mapError(provider.start, ({ detail }) => refused("unreachable", detail))
  const returnTo = returnPath(query.get("return_to"))
  return yield* keepPending(redirectTo(url), pendingSeal, { ...checks, returnTo, connects }, options)
})

/**
 * Returns the person, where they go on, and whether they connected an account. A code is exchanged only for the browser
 * that started the sign-in.
 */
const finish = Effect.fnUntraced(function*({ access, finishing, pendingSeal, provider }: Shared) {
  const request = yield* HttpServerRequest.HttpServerRequest
  const query = queryOf(request.url)
  const pending = yield* pendingOf(request, pendingSeal)
  if (Option.isNone(pending)) return yield* refused("expired", "no pending sign-in")
  const { connects, returnTo, state } = pending.value
  if (query.get("state") !== state) return yield* refused("state", "the state does not match")
  const redeemed = yield* finishing.withPermitsIfAvailable(1)(provider.redeem(query, pending.value)).pipe(
    Effect.mapError(({ detail, reason }) => refused(reason, detail))
  )
  if (Option.isNone(redeemed)) return yield* refused("busy", `more than ${maxFinishing} sign-ins at a time`)
  const { settings } = provider
  const person = connects === null
    ? admit(access, settings, redeemed.value)
    : connect(access, settings, redeemed.value, connects)
  const user = yield* Effect.catchTag(
    person,
    "StoreUnavailable",
    ({ message }) => Effect.fail(refused("fault", message))
  )
  return { user, returnTo, idToken: redeemed.value.idToken, isConnected: connects !== null }
})

/** Opens a session and returns its cookies on the redirect. */
const openSession = Effect.fnUntraced(
  function*({ options, sessions }: Shared, user: Identity.User, response: Response) {
    const opened = yield* Effect.mapError(sessions.openFor(user.id), ({ error }) => refused("fault", error))
    const lifetime = opened.expiresAt - (yield* Clock.currentTimeMillis)
    const kept = { session: opened.secret, csrf: yield* csrfToken(opened.secret), lifetime }
    return withCookies(response, kept, options.secure)
  }
)

const callback = Effect.fnUntraced(function*(shared: Shared) {
  const { accountSeal, audit, options, provider } = shared
  const { idToken, isConnected, returnTo, user } = yield* finish(shared)
  const response = dropPending(redirectTo(provider.settings.publicUrl + returnTo), options)
  const signedIn = isConnected ? response : yield* openSession(shared, user, response)
  yield* audit.record({
    action: isConnected ? "account.connect" : "sign_in.accept",
    credential: null,
    actor: { kind: "person", id: user.id, name: user.name },
    details: { method: "oidc", provider: provider.settings.name }
  })
  return keepAccount(signedIn, accountSeal, idToken, { ...options, lifetime: sessionLifetime })
})

const end = Effect.fnUntraced(function*({ accountSeal, options, provider }: Shared) {
  const home = `${provider.settings.publicUrl}/`
  const idToken = accountOf(yield* HttpServerRequest.HttpServerRequest, accountSeal)
  if (Option.isNone(idToken)) return redirectTo("/")
  const url = yield* provider.signOutUrl(idToken.value || undefined)
  return dropAccount(redirectTo(Option.getOrElse(url, () => home)), options.secure)
})

const routes = Effect.fnUntraced(function*(provider: OidcProvider) {
  const { clientSecret, publicUrl } = provider.settings
  const shared: Shared = {
    provider,
    access: yield* Access.Access,
    authenticator: yield* Authenticator,
    sessions: yield* Sessions,
    audit: yield* Audit,
    limits: yield* Limits,
    pendingSeal: makeSeal(clientSecret, "pending sign-in"),
    accountSeal: makeSeal(clientSecret, "signed-in account"),
    finishing: yield* Semaphore.make(maxFinishing),
    options: { secure: publicUrl.startsWith("https:") }
  }
  return HttpRouter.addAll([
    HttpRouter.route("GET", "/auth/oidc/start", orPage(shared, start(shared))),
    HttpRouter.route("GET", "/auth/oidc/callback", orPage(shared, callback(shared))),
    HttpRouter.route("GET", "/auth/oidc/end", end(shared))
  ])
})

/**
 * Sign-in with the OpenID Connect provider: `/auth/oidc/start?return_to=PATH` redirects to the provider, which redirects to
 * `/auth/oidc/callback`; after a sign-out, `/auth/oidc/end` ends the provider's session. No routes without a provider.
 */
export const layerOidcRoutes = Layer.unwrap(
  Effect.flatMap(OidcProvider, (provider) => provider === undefined ? Effect.succeed(Layer.empty) : routes(provider))
)
