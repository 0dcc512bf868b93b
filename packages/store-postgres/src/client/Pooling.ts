import { PgConnection } from "@effect/sql-pg"
import { onMachineClock } from "@muster/kit"
import { Data, Effect, Semaphore } from "effect"
import { SqlError } from "effect/sql"

/**
 * What stands between this client and PostgreSQL: nothing, or a pooler that lends a client one server connection for its
 * whole session, or for one transaction at a time. In the latter case nothing of a session can be relied on: settings,
 * prepared statements, LISTEN, session locks.
 */
export type Pooling = "none" | "session" | "transaction"

/** A pooler is in the way of what was asked. The message is one sentence for the person who runs the server. */
export class PoolerInTheWay extends Data.TaggedError("PoolerInTheWay")<{ readonly message: string }> {
  toSqlError(): SqlError.SqlError {
    return new SqlError.SqlError({
      reason: new SqlError.UnknownError({ message: this.message, operation: "pooling", cause: this })
    })
  }
}

/** The pooler that is in the way, where that is why a statement failed. */
export const poolerInTheWay = (error: SqlError.SqlError): PoolerInTheWay | undefined =>
  error.reason.cause instanceof PoolerInTheWay ? error.reason.cause : undefined

/** The longest that it may take to find out. */
const deadline = "4 seconds"

/**
 * Which of two clients asks, in turn. In no fixed rhythm: a pooler that hands out its few connections one after the other
 * must not happen to give each client the same one every time.
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

/** Each client of a session pooler stays with one server connection, and shares it with nobody. */
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
 * Tells what a new connection leads through. A server tells a client the id of the process that serves it; a pooler
 * tells ids of its own, so that it can pass cancellations on. How a pooler pools is found out once, by two clients.
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
