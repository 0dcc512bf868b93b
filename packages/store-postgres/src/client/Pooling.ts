import { PgConnection } from "@effect/sql-pg"
import { onMachineClock } from "@muster/kit"
import { Data, Effect, Semaphore } from "effect"
import { SqlError } from "effect/sql"

/**
 * What is between this client and PostgreSQL: nothing, or a pooler that lends a client one server connection for its
 * whole session, or for one transaction at a time. In the latter case no session state is reliable: settings, prepared
 * statements, LISTEN, session locks.
 */
export type Pooling = "none" | "session" | "transaction"

/** A pooler does not support what was requested. The message is one sentence for the person who runs the server. */
export class PoolerInTheWay extends Data.TaggedError("PoolerInTheWay")<{ readonly message: string }> {
  toSqlError(): SqlError.SqlError {
    return new SqlError.SqlError({
      reason: new SqlError.UnknownError({ message: this.message, operation: "pooling", cause: this })
    })
  }
}

/** The pooler that made a statement fail, if any. */
export const poolerInTheWay = (error: SqlError.SqlError): PoolerInTheWay | undefined =>
  error.reason.cause instanceof PoolerInTheWay ? error.reason.cause : undefined

/** The maximum duration of the detection. */
const deadline = "4 seconds"

/**
 * The order in which two clients ask, without a fixed rhythm: a pooler that assigns its few connections in turn must
 * not happen to give each client the same one every time.
 */
const turns = [0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 1, 1] as const

const serverOf = (connection: PgConnection.PgConnection) =>
  Effect.map(
    connection.query("SELECT pg_backend_pid() AS pid", [], false),
    ({ rows: [row] }) => Number(row?.["pid"])
  )

const noTransactions = new PoolerInTheWay({
  message: "the pooler in front of PostgreSQL ends connections that begin a transaction: " +
    "its pool_mode must be session or transaction, not statement"
})

/** Each client of a session pooler has one server connection of its own. */
const compare = Effect.fnUntraced(function*(config: PgConnection.Config) {
  const clients = [yield* PgConnection.make(config), yield* PgConnection.make(config)] as const
  const servers: [number | undefined, number | undefined] = [undefined, undefined]
  let pooling: Pooling = "session"
  for (const turn of turns) {
    const server = yield* serverOf(clients[turn])
    if ((servers[turn] ?? server) !== server || servers[1 - turn] === server) pooling = "transaction"
    servers[turn] = server
  }
  yield* clients[0].query("BEGIN", [], false).pipe(
    Effect.andThen(clients[0].query("COMMIT", [], false)),
    Effect.mapError(() => noTransactions.toSqlError())
  )
  return pooling
}, Effect.scoped)

const tooLate = new SqlError.SqlError({
  reason: new SqlError.ConnectionError({
    message: "the pooler gave no connection in time",
    operation: "pooling",
    cause: new Error("the pooler gave no connection in time")
  })
})

/**
 * Detects what is between a new connection and PostgreSQL. A server reports the id of the process that serves the
 * client; a pooler reports ids of its own, so that it can pass cancellations on. The pooling mode is detected once,
 * with two clients.
 */
export const makePooling = (config: PgConnection.Config) => {
  const oneAtATime = Semaphore.makeUnsafe(1)
  let found: Pooling | undefined
  const find = Effect.suspend(() =>
    found === undefined
      ? Effect.tap(compare(config), (pooling) => Effect.sync(() => void (found = pooling)))
      : Effect.succeed(found)
  )
  const known = oneAtATime.withPermit(find).pipe(
    Effect.timeoutOrElse({ duration: deadline, orElse: () => Effect.fail(tooLate) }),
    onMachineClock
  )
  return (connection: PgConnection.PgConnection, server: number): Effect.Effect<Pooling, SqlError.SqlError> =>
    server === connection.processId ? Effect.succeed("none") : known
}
