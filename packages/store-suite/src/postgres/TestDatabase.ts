import { Effect, Redacted, type Scope } from "effect"
import { randomUUID } from "node:crypto"
import { inject } from "vitest"
import { onConnection } from "./Admin.ts"
import { PostgresError } from "./PostgresError.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** The key under which `globalSetup.ts` provides the URL of the run's server. */
    readonly musterPostgresDesk: string
  }
}

const named = (serverUrl: string, database: string) => {
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  return url.href
}

/**
 * A new, empty database on this server (the URL of one of its databases, of a user who may create more). It is dropped
 * when the scope closes, even with open connections.
 */
export const freshDatabaseOn = (
  serverUrl: string
): Effect.Effect<Redacted.Redacted, PostgresError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.suspend(() => {
      // Not from Effect's Random: a test seeds it, and every test file would choose the same name.
      const name = `muster_test_${randomUUID().replaceAll("-", "")}`
      return Effect.as(onConnection(serverUrl, (sql) => sql`CREATE DATABASE ${sql(name)} TEMPLATE template0`), name)
    }).pipe(
      Effect.mapError((cause) => new PostgresError({ message: "The server gave no new database", cause }))
    ),
    // The server may be down by now, and its databases with it.
    (name) => Effect.ignore(onConnection(serverUrl, (sql) => sql`DROP DATABASE ${sql(name)} WITH (FORCE)`))
  ).pipe(
    Effect.map((name) => Redacted.make(named(serverUrl, name)))
  )

/**
 * The URL of the server that this test run shares: MUSTER_TEST_DATABASE_URL, else one that the first call starts. Only
 * within vitest, and with the repository's configuration.
 */
export const testServer: Effect.Effect<string, PostgresError> = Effect.tryPromise({
  try: async (signal) => {
    const desk = inject("musterPostgresDesk")
    if (desk === undefined) {
      throw new Error("vitest's globalSetup is not packages/store-suite/src/postgres/globalSetup.ts")
    }
    const response = await fetch(desk, { signal })
    const text = await response.text()
    if (!response.ok) throw new Error(text)
    return text
  },
  catch: (cause) =>
    new PostgresError({
      message: `The tests have no PostgreSQL: ${cause instanceof Error ? cause.message : cause}`,
      cause
    })
})

/** The URL of a new, empty database on the test run's server, dropped when the scope closes. */
export const freshDatabase: Effect.Effect<Redacted.Redacted, PostgresError, Scope.Scope> = Effect.flatMap(
  testServer,
  freshDatabaseOn
)
