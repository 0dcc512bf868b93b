import { Conditions } from "@muster/kit"
import { Context, Duration, Effect, Layer, Option, Redacted, Schedule } from "effect"
import type * as OpenidClient from "openid-client"
import { boundedFetch } from "./boundedFetch.ts"
import { type Claims, completed, type Identified, identifiedFrom, isComplete } from "./Identified.ts"
import { isSafe, OidcSettings } from "./OidcSettings.ts"
import type { PendingSignIn } from "./PendingSignIn.ts"
import { failureOf, ProviderFailure } from "./ProviderFailure.ts"

/** The deadline of one call to the provider, in s: of its response and its body. */
export const ProviderTimeout = Context.Reference<number>("@muster/server/oidc/ProviderTimeout", {
  defaultValue: () => 5
})

/** How often the provider's metadata are read again: they change, and the provider may have become unreachable. */
const refreshEvery = Duration.minutes(1)

/** How long the result of one attempt is shared, so that callers do not ask an unreachable provider one after another. */
const sharedFor = Duration.seconds(2)

const retries = Schedule.min([Schedule.exponential("1 second"), Schedule.spaced(refreshEvery)]).pipe(Schedule.jittered)

type Client = typeof OpenidClient
type Configuration = OpenidClient.Configuration

const condition = "oidc"

const callbackOf = ({ publicUrl }: OidcSettings) => `${publicUrl}/auth/oidc/callback`

/** By the method that the provider supports; OpenID Connect's default is `client_secret_basic`. */
const authenticationOf = (client: Client, secret: string): OpenidClient.ClientAuth => {
  const [post, basic] = [client.ClientSecretPost(secret), client.ClientSecretBasic(secret)]
  return (metadata, ...rest) =>
    (metadata.token_endpoint_auth_methods_supported?.includes("client_secret_post") === true ? post : basic)(
      metadata,
      ...rest
    )
}

const unusable = (detail: string) => new ProviderFailure({ reason: "invalid", detail })

/** Why the metadata cannot be used, or undefined. */
const refuseMetadata = (configuration: Configuration): ProviderFailure | undefined => {
  const metadata = configuration.serverMetadata()
  const { authorization_endpoint, code_challenge_methods_supported: methods, end_session_endpoint, token_endpoint } =
    metadata
  if (authorization_endpoint === undefined || token_endpoint === undefined) {
    return unusable("its metadata have no authorization endpoint or no token endpoint")
  }
  const unsafe = [authorization_endpoint, token_endpoint, end_session_endpoint].find((text) => {
    const url = text === undefined ? undefined : URL.parse(text)
    return url === null || (url !== undefined && !isSafe(url))
  })
  if (unsafe !== undefined) return unusable(`it names an address without https: ${unsafe}`)
  return methods === undefined || methods.includes("S256") ? undefined : unusable("it does not support PKCE with S256")
}

const discovery = (client: Client, { clientId, clientSecret, issuer }: OidcSettings, timeout: number) => {
  const secret = Redacted.value(clientSecret)
  // The base of safety is `boundedFetch`: without https it reaches this machine alone.
  const insecure = issuer.protocol === "http:" ? [client.allowInsecureRequests] : []
  return Effect.tryPromise({
    try: () =>
      client.discovery(issuer, clientId, { client_secret: secret }, authenticationOf(client, secret), {
        timeout,
        [client.customFetch]: boundedFetch,
        execute: [client.enableNonRepudiationChecks, ...insecure]
      }),
    catch: failureOf
  }).pipe(Effect.flatMap((configuration) => {
    const refused = refuseMetadata(configuration)
    return refused === undefined ? Effect.succeed(configuration) : Effect.fail(refused)
  }))
}

/** The provider's metadata, kept up to date in the background; what is known is used while it cannot be reached. */
const makeConfiguration = Effect.fnUntraced(function*(client: Client, settings: OidcSettings) {
  const conditions = yield* Conditions
  const timeout = yield* ProviderTimeout
  let known: Configuration | undefined
  let reachable = true

  const failed = ({ detail }: ProviderFailure) => {
    reachable = false
    return conditions.begin(
      condition,
      `sign-in provider unavailable: ${settings.name}: ${detail}; people can sign in with tokens and links, trying again`
    )
  }
  const answered = Effect.suspend(() => {
    reachable = true
    return conditions.end(condition, `sign-in provider available again: ${settings.name}`)
  })
  const attempt = discovery(client, settings, timeout).pipe(
    Effect.tap((found) => {
      known = found
      return answered
    }),
    Effect.tapError(failed)
  )
  const shared = yield* Effect.cachedWithTTL(Effect.result(attempt), sharedFor)
  const refresh = Effect.flatMap(shared, Effect.fromResult)
  yield* refresh.pipe(
    Effect.retry(retries),
    Effect.ignore,
    Effect.repeat(Schedule.spaced(refreshEvery)),
    Effect.forkScoped
  )
  const get = Effect.suspend(() => known === undefined ? refresh : Effect.succeed(known))
  return {
    /** Waits for the metadata only if none were ever read. */
    get,
    /** Fails if the provider cannot be reached, so that no browser is redirected to it. */
    getReachable: Effect.suspend(() => reachable ? get : refresh),
    isReachable: () => reachable,
    /** Records how a call to the provider ended. */
    watch: <A>(call: Effect.Effect<A, ProviderFailure>) =>
      call.pipe(
        Effect.tap(() => answered),
        Effect.tapError((failure) => failure.reason === "unreachable" ? failed(failure) : Effect.void)
      )
  }
})

const codeGrant = (client: Client, configuration: Configuration, address: URL, pending: PendingSignIn) =>
  Effect.tryPromise({
    try: () =>
      client.authorizationCodeGrant(configuration, address, {
        expectedState: pending.state,
        expectedNonce: pending.nonce,
        pkceCodeVerifier: pending.verifier,
        idTokenExpected: true
      }),
    catch: failureOf
  })

/** Claims of the ID token; many providers send the e-mail address by their userinfo endpoint only. */
const claimsOf = (
  client: Client,
  configuration: Configuration,
  tokens: OpenidClient.TokenEndpointResponse,
  own: Claims
) =>
  isComplete(own) || configuration.serverMetadata().userinfo_endpoint === undefined
    ? Effect.succeed(own)
    : Effect.map(
      Effect.tryPromise({
        try: () => client.fetchUserInfo(configuration, tokens.access_token, String(own["sub"])),
        catch: failureOf
      }),
      (more) => completed(own, more)
    )

const newSignIn = Effect.fnUntraced(function*(client: Client, configuration: Configuration, settings: OidcSettings) {
  const checks = {
    state: client.randomState(),
    nonce: client.randomNonce(),
    verifier: client.randomPKCECodeVerifier()
  }
  const challenge = yield* Effect.promise(() => client.calculatePKCECodeChallenge(checks.verifier))
  const url = client.buildAuthorizationUrl(configuration, {
    redirect_uri: callbackOf(settings),
    scope: settings.scopes,
    state: checks.state,
    nonce: checks.nonce,
    code_challenge: challenge,
    code_challenge_method: "S256"
  })
  return { ...checks, url: url.href }
})

const identify = Effect.fnUntraced(
  function*(client: Client, configuration: Configuration, address: URL, pending: PendingSignIn) {
    const tokens = yield* codeGrant(client, configuration, address, pending)
    const claims = yield* claimsOf(client, configuration, tokens, { ...tokens.claims() })
    return yield* Effect.fromResult(identifiedFrom(claims, tokens.id_token ?? ""))
  }
)

const endSessionUrl = (
  client: Client,
  configuration: Configuration,
  { publicUrl }: OidcSettings,
  idToken: string | undefined
): Option.Option<string> =>
  configuration.serverMetadata().end_session_endpoint === undefined ? Option.none() : Option.some(
    client.buildEndSessionUrl(configuration, {
      post_logout_redirect_uri: `${publicUrl}/`,
      ...(idToken === undefined ? {} : { id_token_hint: idToken })
    }).href
  )

const noteOpenness = ({ allowedDomains, name }: OidcSettings) =>
  allowedDomains.length > 0 ? Effect.void : Effect.logInfo(
    "every account of the sign-in provider can sign in: restrict it with MUSTER_OIDC_ALLOWED_DOMAINS, or at the provider"
  ).pipe(Effect.annotateLogs({ provider: name }))

const make = Effect.fnUntraced(function*(settings: OidcSettings) {
  yield* noteOpenness(settings)
  const client = yield* Effect.promise(() => import("openid-client"))
  const { get, getReachable, isReachable, watch } = yield* makeConfiguration(client, settings)
  return {
    settings,
    isReachable,
    start: Effect.flatMap(getReachable, (configuration) => newSignIn(client, configuration, settings)),
    redeem: (query: URLSearchParams, pending: PendingSignIn) =>
      watch(Effect.flatMap(
        get,
        (configuration) => identify(client, configuration, new URL(`${callbackOf(settings)}?${query}`), pending)
      )),
    signOutUrl: (idToken: string | undefined) =>
      Effect.map(
        Effect.option(get),
        Option.flatMap((configuration) =>
          isReachable() ? endSessionUrl(client, configuration, settings, idToken) : Option.none()
        )
      )
  } satisfies OidcProvider
})

/** The OpenID Connect provider of this server. */
export interface OidcProvider {
  readonly settings: OidcSettings
  /** Whether the last call found it. True until the first one. */
  readonly isReachable: () => boolean
  /** A new sign-in: what the browser keeps, and the provider's address for it. */
  readonly start: Effect.Effect<
    Pick<PendingSignIn, "state" | "nonce" | "verifier"> & { readonly url: string },
    ProviderFailure
  >
  /** Exchanges the code of a callback's query; checks state, nonce, PKCE, and the ID token's signature and claims. */
  readonly redeem: (query: URLSearchParams, pending: PendingSignIn) => Effect.Effect<Identified, ProviderFailure>
  /** Where the browser ends the provider's session. None: the provider has no such address, or cannot be reached. */
  readonly signOutUrl: (idToken: string | undefined) => Effect.Effect<Option.Option<string>>
}

/** Undefined: no sign-in with OpenID Connect. */
export const OidcProvider = Context.Reference<OidcProvider | undefined>("@muster/server/oidc/OidcProvider", {
  defaultValue: () => undefined
})

/** The provider of the settings. Reads its metadata in the background: a provider that is down does not delay the start. */
export const layerOidcProvider = Layer.effect(
  OidcProvider,
  Effect.flatMap(OidcSettings, (settings) => settings === undefined ? Effect.succeed(undefined) : make(settings))
)
