import { PgClient } from "@effect/sql-pg"
import type { Store } from "@muster/domain"
import { onMachineClock } from "@muster/kit"
import { Effect, type Layer, type Redacted } from "effect"
import type { SqlClient } from "effect/sql"
import { codecs } from "./Codecs.ts"
import { unavailable } from "./Fault.ts"
import { makePooledClient } from "./PooledClient.ts"

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`; TLS as the URL's `sslmode` states. */
  readonly url: Redacted.Redacted
  /** The maximum number of connections; 10 by default. */
  readonly maxConnections?: number
  /** The name in `pg_stat_activity`; `muster` by default. */
  readonly applicationName?: string
}

const make = ({ applicationName = "muster", maxConnections = 10, url }: PostgresOptions) =>
  makePooledClient({
    ...codecs,
    url,
    maxConnections,
    applicationName,
    connectTimeout: "3 seconds",
    // The address may lead to another server now.
    maxAge: "10 minutes",
    // Above `statement_timeout`.
    silence: "5500 millis"
  }).pipe(
    Effect.mapError((cause) => unavailable("PostgresClient.make", cause)),
    onMachineClock
  )

/**
 * A pool of connections to a PostgreSQL server that can write; one that is read-only or in recovery is refused. Connects
 * at the first statement, not when the layer is built.
 */
export const PostgresClient = {
  layer: (options: PostgresOptions): Layer.Layer<PgClient.PgClient | SqlClient.SqlClient, Store.StoreUnavailable> =>
    PgClient.layerFrom(make(options))
}
