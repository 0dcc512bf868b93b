import { PgClient, type PgConnection } from "@effect/sql-pg"
import { Cause, Effect, Queue, Stream } from "effect"
import { SqlClient, type SqlConnection, SqlError, Statement } from "effect/sql"
import { begin, beginGuarded, guarded } from "./Guards.ts"
import { type LeaseOptions, type Leases, makeLeases } from "./Leases.ts"
import { PoolerInTheWay } from "./Pooling.ts"

type Transform = Parameters<SqlConnection.Connection["execute"]>[2]

/** What begins and ends transactions, where nothing can be interrupted. */
const control = /^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE) ?/

/** The purpose of a lent connection. */
type Purpose = "statement" | "transaction"

/**
 * A lent connection as an `SqlClient` connection, each statement watched. On a shared session, each transaction is
 * guarded by itself and nothing is prepared.
 */
class LentConnection implements SqlConnection.Connection {
  readonly #leases: Leases
  readonly #connection: PgConnection.PgConnection
  readonly #purpose: Purpose

  constructor(leases: Leases, connection: PgConnection.PgConnection, purpose: Purpose) {
    this.#leases = leases
    this.#connection = connection
    this.#purpose = purpose
  }

  get #own() {
    return this.#leases.ownsSession(this.#connection)
  }

  #say = (sql: string) => this.#leases.bounded(this.#connection, this.#connection.query(sql, [], false))

  #watched<A>(statement: (prepare: boolean) => Effect.Effect<A, SqlError.SqlError>, prepare: boolean) {
    const own = this.#own
    const watched = this.#leases.watch(this.#connection, statement(prepare && own))
    return own || this.#purpose === "transaction" ? watched : guarded(this.#say, watched)
  }

  #query(sql: string, params: ReadonlyArray<unknown>, prepare: boolean) {
    if (!control.test(sql)) {
      return this.#watched((prepared) => this.#connection.query(sql, params, prepared), prepare)
    }
    if (sql === begin && !this.#own) return beginGuarded(this.#say)
    return this.#leases.bounded(this.#connection, this.#connection.query(sql, params, prepare && this.#own))
  }

  #rows(sql: string, params: ReadonlyArray<unknown>, transform: Transform, prepare: boolean) {
    const rows = Effect.map(this.#query(sql, params, prepare), (result) => result.rows)
    return transform === undefined ? rows : Effect.map(rows, transform)
  }

  #values(sql: string, params: ReadonlyArray<unknown>, prepare: boolean) {
    return this.#watched((prepared) => this.#connection.queryValues(sql, params, prepared), prepare)
  }

  execute(sql: string, params: ReadonlyArray<unknown>, transform: Transform) {
    return this.#rows(sql, params, transform, true)
  }
  executeUnprepared(sql: string, params: ReadonlyArray<unknown>, transform: Transform) {
    return this.#rows(sql, params, transform, false)
  }
  executeRaw(sql: string, params: ReadonlyArray<unknown>) {
    return this.#query(sql, params, true)
  }
  executeValues(sql: string, params: ReadonlyArray<unknown>) {
    return this.#values(sql, params, true)
  }
  executeValuesUnprepared(sql: string, params: ReadonlyArray<unknown>) {
    return this.#values(sql, params, false)
  }
  executeStream(sql: string, params: ReadonlyArray<unknown>, transform: Transform) {
    const rows = this.#connection.stream(sql, params)
    return transform === undefined ? rows : Stream.map(rows, (row) => transform([row])[0])
  }
}

const rolledBack = new SqlError.SqlError({
  reason: new SqlError.UnknownError({
    message: "COMMIT rolled back an aborted transaction",
    operation: "commit",
    cause: new Error("COMMIT rolled back an aborted transaction")
  })
})

/** PostgreSQL replies `ROLLBACK` to the `COMMIT` of an aborted transaction. */
const commit = (connection: SqlConnection.Connection) =>
  Effect.flatMap(
    connection.executeRaw("COMMIT", []) as Effect.Effect<PgConnection.Result, SqlError.SqlError>,
    ({ command }) => command === "ROLLBACK" ? Effect.fail(rolledBack) : Effect.void
  )

const noListening = new PoolerInTheWay({
  message:
    "the pooler in front of PostgreSQL lends connections for one transaction at a time (pool_mode = transaction), " +
    "so notifications do not arrive through it: set DATABASE_DIRECT_URL to an address that leads to PostgreSQL itself"
})

/**
 * `PgClient.make`, but over `Leases`: the library's pool keeps a connection for as long as the server keeps it,
 * whatever errors its statements have. A listener's queue fails, too, when the connections are suspect.
 */
export const makePooledClient = Effect.fnUntraced(function*(options: LeaseOptions & PgClient.PgPoolConfig) {
  const leases = yield* makeLeases(options)
  const lentFor = (purpose: Purpose) => (connection: PgConnection.PgConnection) =>
    new LentConnection(leases, connection, purpose)
  const lent = lentFor("statement")
  const { transformQueryNames, transformResultNames } = options

  const client = yield* SqlClient.make({
    driver: "pg",
    acquirer: Effect.map(leases.reserve, lent),
    borrower: (run) => leases.use((connection) => run(lent(connection))),
    transactionAcquirer: Effect.map(leases.reserve, lentFor("transaction")),
    beginTransaction: begin,
    prepareTransactionControls: true,
    compiler: PgClient.makeCompiler(transformQueryNames, false),
    commit,
    releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`,
    spanAttributes: [["db.system.name", "postgresql"]],
    ...(transformResultNames !== undefined &&
      { transformRows: Statement.defaultTransforms(transformResultNames, false).array })
  })

  const listen: PgClient.PgClient["listen"] = Effect.fnUntraced(function*(channel) {
    const connection = yield* leases.reserve
    if (!leases.ownsSession(connection)) return yield* noListening.toSqlError()
    const queue = yield* connection.listen(channel)
    const stop = leases.onSuspicion((error) =>
      Queue.failCauseUnsafe(queue as Queue.Queue<PgConnection.Notification, SqlError.SqlError>, Cause.fail(error))
    )
    yield* Effect.addFinalizer(() => Effect.sync(stop))
    return queue
  })

  return Object.assign(client, {
    [PgClient.TypeId]: PgClient.TypeId,
    config: options,
    json: () => {
      throw new Error("bind JSON as text: its strings must be cleaned")
    },
    listen,
    notify: (channel: string, payload: string) => Effect.asVoid(client`SELECT pg_notify(${channel}, ${payload})`)
  }) as PgClient.PgClient
})
