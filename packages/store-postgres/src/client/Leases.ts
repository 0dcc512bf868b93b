import { type PgConnection, PgPool } from "@effect/sql-pg"
import { onMachineClock } from "@muster/kit"
import { Clock, Duration, Effect, Fiber, Option, Random, type Scope } from "effect"
import { SqlError } from "effect/sql"
import { isWrongServer } from "./Fault.ts"
import { guardSession } from "./Guards.ts"
import { makePooling } from "./Pooling.ts"
import { makeUnderWay } from "./UnderWay.ts"

export interface LeaseOptions extends PgPool.Config {
  /** A connection older than this (plus up to a fifth, to spread replacements) is replaced before its next use. */
  readonly maxAge: Duration.Input
  /** A statement without an answer for this long has a dead connection: the server itself ends each before. */
  readonly silence: Duration.Input
}

/** Lends connections to a server that can write. */
export interface Leases {
  /** One connection for as long as the effect runs. */
  readonly use: <A, E, R>(
    run: (connection: PgConnection.PgConnection) => Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | SqlError.SqlError, R>
  /** One connection owned by the scope. */
  readonly reserve: Effect.Effect<PgConnection.PgConnection, SqlError.SqlError, Scope.Scope>
  /**
   * Runs a statement of this connection, and drops the connection if the statement's error shows that it is unusable.
   */
  readonly watch: <A>(
    connection: PgConnection.PgConnection,
    statement: Effect.Effect<A, SqlError.SqlError>
  ) => Effect.Effect<A, SqlError.SqlError>
  /** The same for an uninterruptible one: it fails if no answer came within `silence`. */
  readonly bounded: Leases["watch"]
  /** Whether nothing else uses the session of this connection; else each transaction must be guarded by itself. */
  readonly ownsSession: (connection: PgConnection.PgConnection) => boolean
  /** Called when all open connections are found to be suspect; returns how to unregister. */
  readonly onSuspicion: (listener: (error: SqlError.SqlError) => void) => () => void
}

/** Whether the server of a connection can write. A standby cannot, nor can one that was made read-only. */
const question =
  "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS \"readOnly\", pg_backend_pid() AS pid"

/**
 * The pause after a server was refused, during which it keeps its place in the pool: a standby must not be flooded with
 * connections.
 */
const refusalPause = "100 millis"

const readOnly = () =>
  new SqlError.SqlError({
    reason: new SqlError.UnknownError({
      message: "the server is read-only or in recovery",
      operation: "connect",
      cause: Object.assign(new Error("the server is read-only or in recovery"), { code: "25006" })
    })
  })

const silent = () =>
  new SqlError.SqlError({
    reason: new SqlError.ConnectionError({
      message: "the server stopped answering",
      operation: "query",
      cause: new Error("the server stopped answering")
    })
  })

/** How long a cancelled statement may take to end, in ms: the server ends it immediately. */
const mostToCancel = 1_000

/** What is known of an open connection. */
interface Known {
  readonly generation: number
  /** When it reaches its maximum age, in ms of the clock. */
  readonly until: number
  /** Whether the session is exclusive to this client. Undefined until the connection was checked. */
  ownSession?: boolean
}

/**
 * A pool of connections to a server that can write. During a failover an address may lead to a standby or to a demoted
 * server; a connection to it would fail every write permanently, and read stale data. So a new connection is checked
 * for writes before its first use. One whose statement fails as read-only, or that does not answer, is dropped
 * immediately, and all other open ones are replaced before their next use.
 */
export const makeLeases = Effect.fnUntraced(function*({ maxAge, silence, ...config }: LeaseOptions) {
  const pool = yield* PgPool.make(config)
  const poolingOf = makePooling(config)
  const clock = yield* Clock.Clock
  const known = new WeakMap<object, Known>()
  const listeners = new Set<(error: SqlError.SqlError) => void>()
  const [age, quiet] = [Duration.toMillis(maxAge), Duration.toMillis(silence)]
  let generation = 0

  /** Marks every open connection as suspect. */
  const suspect = (connection: PgConnection.PgConnection, error: SqlError.SqlError) =>
    Effect.suspend(() => {
      // Connections of one generation fail together: the first failure counts for all of them.
      if (known.get(baseOf(connection))?.generation === generation) {
        generation++
        for (const listener of listeners) listener(error)
      }
      return pool.invalidate(connection)
    })

  const greet = Effect.fnUntraced(function*(connection: PgConnection.PgConnection) {
    const born = generation
    const jitter = yield* Random.nextBetween(1, 1.2)
    const facts: Known = { generation: born, until: clock.currentTimeMillisUnsafe() + age * jitter }
    known.set(baseOf(connection), facts)
    const { rows: [row] } = yield* watch(connection, connection.query(question, [], false))
    if (row?.["readOnly"] === true) {
      yield* pool.invalidate(connection)
      yield* onMachineClock(Effect.sleep(refusalPause))
      return yield* readOnly()
    }
    const ownSession = (yield* poolingOf(connection, Number(row?.["pid"]))) !== "transaction"
    if (ownSession) yield* watch(connection, connection.query(guardSession, [], false))
    facts.ownSession = ownSession
  })

  const isStale = (connection: PgConnection.PgConnection) => {
    const facts = known.get(baseOf(connection))
    return facts !== undefined && (facts.generation !== generation || clock.currentTimeMillisUnsafe() >= facts.until)
  }

  /** Checks whether a new connection can write; false: the connection must not be used and was dropped. */
  const admit = (connection: PgConnection.PgConnection): Effect.Effect<boolean, SqlError.SqlError> => {
    if (isStale(connection)) return Effect.as(pool.invalidate(connection), false)
    return known.get(baseOf(connection))?.ownSession === undefined ? Effect.as(greet(connection), true) : admitted
  }

  const use: Leases["use"] = (run) =>
    Effect.flatMap(
      pool.use((connection) =>
        Effect.flatMap(admit(connection), (good) => good ? Effect.asSome(run(connection)) : Effect.succeedNone)
      ),
      Option.match({ onNone: () => use(run), onSome: Effect.succeed })
    )

  const reserve: Leases["reserve"] = Effect.flatMap(
    pool.get,
    (connection) => Effect.flatMap(admit(connection), (good) => good ? connection.pin : reserve)
  )

  const underWay = yield* makeUnderWay(quiet, (connection) => suspect(connection, silent()))

  const watch: Leases["watch"] = (connection, statement) =>
    Effect.tapError(
      underWay(connection, statement),
      (error) => isWrongServer(error) ? suspect(connection, error) : Effect.void
    )

  const bounded: Leases["bounded"] = (connection, statement) =>
    Effect.suspend(() => {
      const start = clock.currentTimeMillisUnsafe()
      const left = () => Math.min(mostToCancel, Math.max(0, start + quiet - clock.currentTimeMillisUnsafe()))
      return Effect.interruptible(
        interruptInBackground(watch(connection, statement), left, suspect(connection, silent()))
      ).pipe(
        Effect.timeoutOrElse({ duration: silence, orElse: () => Effect.fail(silent()) }),
        onMachineClock
      )
    })

  const onSuspicion: Leases["onSuspicion"] = (listener) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  const ownsSession: Leases["ownsSession"] = (connection) => known.get(baseOf(connection))?.ownSession === true

  return { use, reserve, watch, bounded, ownsSession, onSuspicion } satisfies Leases
})

const admitted = Effect.succeed(true)

/** A pinned connection is another view of the one that the pool holds. */
const baseOf = (connection: PgConnection.PgConnection): object =>
  "base" in connection && typeof connection.base === "object" && connection.base !== null ? connection.base : connection

/**
 * An interrupted statement is cancelled, and its end awaited for this many ms; then the connection is `dead` and
 * dropped. The driver takes seconds to detect that.
 */
const interruptInBackground = <A, E>(
  statement: Effect.Effect<A, E>,
  timeout: () => number,
  dead: Effect.Effect<void>
): Effect.Effect<A, E> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.forkDetach(Effect.interruptible(statement), { startImmediately: true }),
      (fiber) =>
        restore(Fiber.join(fiber)).pipe(
          Effect.onInterrupt(() => {
            fiber.interruptUnsafe()
            return Fiber.await(fiber).pipe(
              Effect.interruptible,
              Effect.timeoutOption(timeout()),
              onMachineClock,
              Effect.flatMap((end) => Option.isSome(end) ? Effect.void : dead)
            )
          })
        )
    )
  )
