import { Effect, Redacted, type Scope } from "effect"
import { type Line, lineTo } from "../fault/Line.ts"
import { onConnection } from "./Admin.ts"
import { findBasebackup } from "./PostgresBinaries.ts"
import { PostgresError } from "./PostgresError.ts"
import { makeServer, type PostgresServer } from "./PostgresServer.ts"

/** A primary and its streaming standby, and one address for both that a test switches over. */
export interface PostgresPair {
  readonly primary: PostgresServer["Service"]
  /** In recovery until `promote`. A commit of the primary has been applied here before the client gets its answer. */
  readonly standby: PostgresServer["Service"]
  /** The address; it leads to the primary at first. */
  readonly line: Line
  /** The database `postgres` at the address. */
  readonly url: Redacted.Redacted
  /** New connections lead to the primary or the standby from now on; open ones do not change. */
  readonly switchTo: (server: "primary" | "standby") => Effect.Effect<void>
  /** Ends the recovery of the standby: it accepts writes afterwards. */
  readonly promote: Effect.Effect<void, PostgresError>
  /** Makes the primary read-only, as after a demotion; its connections remain open. */
  readonly fence: Effect.Effect<void, PostgresError>
}

const portOf = ({ url }: PostgresServer["Service"]) => Number(new URL(url).port)

const ask = (url: string, statement: string) =>
  onConnection(url, (sql) => sql.unsafe(statement)).pipe(
    Effect.mapError((cause) => new PostgresError({ message: `PostgreSQL refused: ${statement}`, cause })),
    Effect.asVoid
  )

/** Starts both servers; they end with the scope. */
export const makePostgresPair: Effect.Effect<PostgresPair, PostgresError, Scope.Scope> = Effect.gen(function*() {
  const primary = yield* makeServer()
  const basebackup = yield* findBasebackup
  const standby = yield* makeServer((data) =>
    Effect.succeed({
      program: basebackup,
      args: ["-d", primary.url, "-D", data, "-R", "-X", "stream", "-c", "fast", "--no-sync"]
    })
  )
  // Commits wait for the standby, also for one that is about to connect. It copied the settings before this one.
  yield* ask(primary.url, "ALTER SYSTEM SET synchronous_standby_names = '*'")
  yield* ask(primary.url, "ALTER SYSTEM SET synchronous_commit = 'remote_apply'")
  yield* ask(primary.url, "SELECT pg_reload_conf()")
  const line = yield* lineTo(portOf(primary))
  return {
    primary,
    standby,
    line,
    url: Redacted.make(`postgres://postgres@127.0.0.1:${line.port}/postgres`),
    switchTo: (server) => line.redirect(portOf(server === "primary" ? primary : standby)),
    promote: ask(standby.url, "SELECT pg_promote()"),
    fence: Effect.andThen(
      ask(primary.url, "ALTER SYSTEM SET default_transaction_read_only = on"),
      ask(primary.url, "SELECT pg_reload_conf()")
    )
  }
})
