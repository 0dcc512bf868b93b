import { Effect } from "effect"
import { generateKeyPairSync, randomBytes } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Configuration, Provider } from "oidc-provider"

/** What the provider asserts about an account. */
export interface AccountClaims {
  readonly email?: string
  readonly email_verified?: boolean
  readonly name?: string
}

/** A provider on a loopback port, and what a test decides about it. */
export interface OpenIdProvider {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /**
   * The person at the browser: the next sign-in is this subject's, without a page in between; null: the sign-in is
   * denied.
   */
  readonly present: (subject: string | null, claims?: AccountClaims) => void
  /** `METHOD /path` of each call, in order. */
  readonly calls: Array<string>
  /** From now on connections are refused. */
  readonly stop: Effect.Effect<void>
  /** Listens again on the same port. */
  readonly restart: Effect.Effect<void>
}

export interface OpenIdClient {
  /** The addresses to which codes, and browsers after a sign-out, may be sent. */
  readonly redirectUris: ReadonlyArray<string>
  readonly postLogoutRedirectUris?: ReadonlyArray<string>
}

const listen = (server: Server, port: number) =>
  Effect.callback<number>((resume) => {
    server.once("error", (error) => resume(Effect.die(error)))
    server.listen(port, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
  })

const close = (server: Server) =>
  Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })

/** One key for all providers of a process: making one takes time. */
const signingKey = Effect.runSync(
  Effect.cached(Effect.sync(() => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey))
)

type Present = { readonly subject: string | null; readonly claims: AccountClaims }

const configuration = (
  { postLogoutRedirectUris = [], redirectUris }: OpenIdClient,
  client: { readonly id: string; readonly secret: string },
  key: object,
  claimsOf: (subject: string) => AccountClaims
): Configuration => ({
  clients: [{
    client_id: client.id,
    client_secret: client.secret,
    redirect_uris: [...redirectUris],
    post_logout_redirect_uris: [...postLogoutRedirectUris]
  }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  scopes: ["openid", "email", "profile"],
  cookies: { keys: [randomBytes(16).toString("hex")] },
  jwks: { keys: [{ ...key, use: "sig", alg: "RS256" }] },
  pkce: { required: () => true },
  ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, AuthorizationCode: 60, IdToken: 600 },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  findAccount: (_, subject) => ({ accountId: subject, claims: () => ({ sub: subject, ...claimsOf(subject) }) }),
  // No consent is requested.
  loadExistingGrant: async ({ oidc }) => {
    const grant = new oidc.provider.Grant({ clientId: oidc.client!.clientId, accountId: oidc.session!.accountId! })
    grant.addOIDCScope("openid email profile")
    await grant.save()
    return grant
  }
})

/** Answers an interaction as the person at the browser would. */
const interact = (provider: Provider, { subject }: Present, request: IncomingMessage, response: ServerResponse) =>
  provider.interactionFinished(
    request,
    response,
    subject === null ? { error: "access_denied" } : { login: { accountId: subject, remember: false } }
  )

/**
 * A real OpenID Connect provider (`oidc-provider`) with one client. It requires PKCE, sends the e-mail address by the
 * userinfo endpoint only, and ends with the scope.
 */
export const openIdProvider = Effect.fnUntraced(function*(client: OpenIdClient) {
  const { Provider } = yield* Effect.promise(() => import("oidc-provider"))
  const key = (yield* signingKey).export({ format: "jwk" })
  const [clientId, clientSecret] = ["muster", randomBytes(16).toString("hex")]
  const claims = new Map<string, AccountClaims>()
  const calls: Array<string> = []
  let present: Present = { subject: null, claims: {} }
  let provider: Provider | undefined

  const handle = (request: IncomingMessage, response: ServerResponse) => {
    calls.push(`${request.method} ${new URL(request.url ?? "/", "http://localhost").pathname}`)
    if (provider === undefined) response.writeHead(503).end()
    else if (request.url?.startsWith("/interaction/") === true) void interact(provider, present, request, response)
    else provider.callback()(request, response)
  }
  let server = createServer(handle)
  const port = yield* listen(server, 0)
  const issuer = `http://127.0.0.1:${port}`
  provider = new Provider(
    issuer,
    configuration(client, { id: clientId, secret: clientSecret }, key, (subject) => claims.get(subject) ?? {})
  )
  const stop = Effect.suspend(() => close(server))
  yield* Effect.addFinalizer(() => stop)
  return {
    issuer,
    clientId,
    clientSecret,
    present: (subject, of = {}) => {
      present = { subject, claims: of }
      if (subject !== null) claims.set(subject, of)
    },
    calls,
    stop,
    restart: Effect.suspend(() => {
      server = createServer(handle)
      return Effect.asVoid(listen(server, port))
    })
  } satisfies OpenIdProvider as OpenIdProvider
})
