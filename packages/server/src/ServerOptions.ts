import type { Redacted } from "effect"

/** Which stores are behind the contracts. */
export interface StoreOptions {
  /** A PostgreSQL to use instead of the embedded database. */
  readonly databaseUrl?: Redacted.Redacted | undefined
  /** An address of the same database that does not go through a pooler; default `databaseUrl`. */
  readonly databaseDirectUrl?: Redacted.Redacted | undefined
  /** A Redis for short-lived data (requests, liveness, wakes); needs `databaseUrl`. */
  readonly redisUrl?: Redacted.Redacted | undefined
}

/** Sign-in with OpenID Connect, as configured: unchecked texts. Without an issuer there is none. */
export interface OidcOptions {
  /** The provider's issuer URL. */
  readonly issuer?: string | undefined
  readonly clientId?: string | undefined
  readonly clientSecret?: Redacted.Redacted | undefined
  /** Separated by spaces or commas; default `openid email profile`. */
  readonly scopes?: string | undefined
  /** Domains of e-mail addresses, separated by spaces or commas; default: every domain. */
  readonly allowedDomains?: string | undefined
  /** What people call the provider, for the button; default: the issuer's host. */
  readonly name?: string | undefined
  /** The slug of the workspace that people join at their first sign-in; default: none. */
  readonly workspace?: string | undefined
}

/** How a server is started. */
export interface ServerOptions extends StoreOptions {
  /** The address it listens on; `127.0.0.1` for this machine only. */
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** The folder with the owner's token and, where there is no database URL, the embedded database. */
  readonly dataDir: string
  /** The folder with the console's built files; default: no console. */
  readonly consoleFolder?: string | undefined
  /** How long closing the sockets may take when the server stops, in ms; default 1,500. */
  readonly drainWindow?: number | undefined
  /** The address at which browsers reach the server; required for sign-in with OpenID Connect. */
  readonly publicUrl?: string | undefined
  readonly oidc?: OidcOptions | undefined
}
