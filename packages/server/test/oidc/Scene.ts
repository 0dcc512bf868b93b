import { openIdProvider } from "@muster/store-suite"
import { Effect, type Effect as E, Redacted } from "effect"
import type { OidcSettings } from "../../src/oidc/OidcSettings.ts"
import { type Muster, type Options, startMuster } from "../support/Muster.ts"
import { Browser } from "./Browser.ts"

/** The address at which browsers reach the servers of a test; the test chooses the server. */
export const publicUrl = "http://muster.test"

export const callback = `${publicUrl}/auth/oidc/callback`

export const ana = { email: "ana@example.com", email_verified: true, name: "Ana" }

const start = `${publicUrl}/auth/oidc/start`

const isCallback = (url: URL) => url.origin + url.pathname === callback

const isHome = (url: URL) => url.origin === publicUrl && !url.pathname.startsWith("/auth/")

/** A provider, and a server that uses it for sign-in. */
export const startOidc = Effect.fnUntraced(function*(
  settings: Partial<OidcSettings> = {},
  options: Options = {},
  /** Whether the provider is down when the server starts. */
  { down = false } = {}
) {
  const provider = yield* openIdProvider({ redirectUris: [callback], postLogoutRedirectUris: [`${publicUrl}/`] })
  const oidc: OidcSettings = {
    issuer: new URL(provider.issuer),
    clientId: provider.clientId,
    clientSecret: Redacted.make(provider.clientSecret),
    scopes: "openid email profile",
    allowedDomains: [],
    name: "Example ID",
    workspace: undefined,
    publicUrl,
    ...settings
  }
  if (down) yield* provider.stop
  const muster = yield* startMuster({ oidc, ...options })
  return {
    provider,
    oidc,
    muster,
    browser: () => new Browser({ [publicUrl]: muster.url }),
    /** A replica: another server with the same settings and the same tables of access. */
    replica: startMuster({ ...options, oidc, accessState: muster.accessState }),
    /** Signs in as far as the redirect back to Muster, and returns its address. */
    upToCallback: Effect.fnUntraced(function*(browser: Browser, query = "") {
      const page = yield* browser.visit(start + query, isCallback)
      return page.headers.get("location") ?? (yield* Effect.die(new Error(`no callback: ${page.status} ${page.text}`)))
    }),
    /** Signs in; returns the redirect into the console, or the page that refuses. */
    signIn: (browser: Browser) => browser.visit(start, isHome)
  }
})

export type OidcScene = E.Success<ReturnType<typeof startOidc>>

/** The person signed in to one of the servers in a browser; undefined: none. */
export const whoIs = (browser: Browser, muster: Muster) =>
  Effect.map(
    muster.nobody.get("/api/me", undefined, {
      cookie: `muster_session=${browser.cookies(publicUrl).get("muster_session") ?? ""}`
    }),
    ({ json, status }) =>
      status === 200 ? json as { readonly id: string; readonly email: string; readonly name: string } : undefined
  )
