import { PgClient } from "@effect/sql-pg"
import {
  AccessPostgres,
  LivenessPostgres,
  MachinesPostgres,
  MembershipPostgres,
  RepositoriesPostgres,
  RuntimeRegistryPostgres,
  SkillLibraryPostgres
} from "@muster/store-postgres"
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"

export type Client = PgClient.PgClient | SqlClient.SqlClient

/** All stores of this package, on one client. */
export const stores = LivenessPostgres.layer.pipe(
  Layer.provideMerge(RuntimeRegistryPostgres.layer),
  Layer.provideMerge(AccessPostgres.layer),
  Layer.provideMerge(MachinesPostgres.layer),
  Layer.provideMerge(MembershipPostgres.layer),
  Layer.provideMerge(RepositoriesPostgres.layer),
  Layer.provideMerge(SkillLibraryPostgres.layer)
)

/** Empties every table of the database. */
export const empty = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) =>
    sql`TRUNCATE users, workspaces, members, tokens, daemon_tokens, runtimes, runtime_tombstones, audit_events, limit_buckets, tasks CASCADE`
)

/** Counts the statements that name the table of runtimes. */
export const counting = (count: () => void) => (client: Layer.Layer<Client>): Layer.Layer<Client> =>
  Layer.effectContext(
    Effect.map(PgClient.PgClient, (sql) => {
      const counted = new Proxy(sql, {
        apply: (target, self, args) => {
          const [strings] = args
          if (Array.isArray(strings) && strings.some((text) => /\bruntimes\b/.test(text))) count()
          return Reflect.apply(target, self, args)
        }
      })
      return Context.make(PgClient.PgClient, counted).pipe(Context.add(SqlClient.SqlClient, counted))
    })
  ).pipe(Layer.provide(client))
