import type { PgConnection } from "@effect/sql-pg"
import { Effect, Exit } from "effect"
import type { SqlError } from "effect/sql"

/** The server's own bound on a statement, below that of the whole operation. */
const statements = ["statement_timeout", "5s"] as const

/** A replica that was killed within a transaction must not hold its locks for long. */
const idleness = ["idle_in_transaction_session_timeout", "15s"] as const

/**
 * Overrides the database owner's default: a statement that waited for a lock must see the change that it waited for.
 */
const isolation = ["default_transaction_isolation", "read committed"] as const

/**
 * A statement for many calls at once looks expensive to the planner, which then compiles it: 1 s for a statement of 3 ms.
 */
const compilation = ["jit", "off"] as const

/** Poolers refuse them as connection parameters, or drop them silently: so they are set by a statement. */
const setting = (settings: ReadonlyArray<readonly [name: string, value: string]>, isLocal: boolean) =>
  `SELECT ${settings.map(([name, value]) => `set_config('${name}', '${value}', ${isLocal})`).join(", ")}`

/** Sets the guards for the rest of a session. */
export const guardSession = setting([statements, idleness, isolation, compilation], false)

/** Begins a transaction; followed by `guardTransaction` where the session is not this client's own. */
export const begin = "BEGIN ISOLATION LEVEL READ COMMITTED"

/** Sets the guards for the rest of a transaction. */
const guardTransaction = setting([statements, idleness, compilation], true)

type Asked<A> = Effect.Effect<A, SqlError.SqlError>

/** Sends what begins and ends a transaction. It cannot be interrupted, so the answer has a time bound. */
export type Say = (sql: string) => Asked<PgConnection.Result>

/** Begins a guarded transaction on a shared session; if this fails, none is open. */
export const beginGuarded = (say: Say): Asked<PgConnection.Result> =>
  Effect.tap(
    say(begin),
    () => Effect.tapError(say(guardTransaction), () => Effect.ignore(say("ROLLBACK")))
  )

/** Runs one statement in a guarded transaction of its own: the only way to guard it on a shared session. */
export const guarded = <A>(say: Say, statement: Asked<A>): Asked<A> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.andThen(
      beginGuarded(say),
      Effect.flatMap(Effect.exit(restore(statement)), (exit) =>
        Exit.isSuccess(exit)
          ? Effect.as(say("COMMIT"), exit.value)
          : Effect.andThen(Effect.ignore(say("ROLLBACK")), exit))
    )
  )
