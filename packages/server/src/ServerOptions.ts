import type { Redacted } from "effect"

/** What decides which layers are behind the contracts. */
export interface StoreOptions {
  /** A PostgreSQL to use instead of the embedded database. */
  readonly databaseUrl?: Redacted.Redacted | undefined
  /** Leads to the same database without a pooler in between; `databaseUrl` unless given. */
  readonly databaseDirectUrl?: Redacted.Redacted | undefined
  /** A Redis for what is short-lived (requests, signs of life, hints); needs `databaseUrl`. */
  readonly redisUrl?: Redacted.Redacted | undefined
}

/** How a server is started. */
export interface ServerOptions extends StoreOptions {
  /** The address it listens on; `127.0.0.1` for this machine only. */
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** The folder with the owner's token and, where there is no database URL, the embedded database. */
  readonly dataDir: string
  /** The folder with the console's built files; no console where not given. */
  readonly consoleFolder?: string | undefined
  /** The longest that sockets may take to leave when the server stops, in ms; 1,500 where not given. */
  readonly drainWindow?: number | undefined
}
