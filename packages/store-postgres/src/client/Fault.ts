import { Store } from "@muster/domain"
import { SqlError } from "effect/sql"
import { poolerInTheWay } from "./Pooling.ts"

/** The maximum depth of an error's causes that is read. */
const deepest = 8

/** The first code in the chain of causes: PostgreSQL's (five characters) or, of a connection, the system's (`ECONNREFUSED`). */
export const codeOf = (error: unknown): string | undefined => {
  let cause: unknown = error
  for (let depth = 0; depth < deepest && cause instanceof Error; depth++) {
    if ("code" in cause && typeof cause.code === "string") return cause.code
    cause = cause.cause
  }
  return undefined
}

const recoveryConflict = /conflict with recovery/

/**
 * Whether a statement failed because of its server: read-only, in recovery, starting up or shutting down. The statement
 * itself may be right, and another server may execute it.
 */
export const isWrongServer = (error: SqlError.SqlError): boolean => {
  const code = codeOf(error)
  if (code === "25006" || code?.startsWith("57P0") === true) return true
  return code === "40001" && error.reason.cause instanceof Error && recoveryConflict.test(error.reason.cause.message)
}

const reasons: Readonly<Record<string, string>> = {
  "25006": "the database accepts no writes (is a failover under way?)",
  "53100": "the disk of the database is full",
  "53300": "the database has no connection to spare",
  "55P03": "the database did not answer in time",
  "57014": "the database did not answer in time",
  "57P01": "the database is starting up or shutting down",
  "57P02": "the database is starting up or shutting down",
  "57P03": "the database is starting up or shutting down"
}

/** Why the database failed, for people; without addresses, names or values. */
const reasonOf = (error: unknown): string => {
  if (!SqlError.isSqlError(error)) return "the database answered what was not expected"
  const pooler = poolerInTheWay(error)
  if (pooler !== undefined) return pooler.message
  const code = codeOf(error)
  if (code !== undefined && reasons[code] !== undefined) return reasons[code]
  if (code?.startsWith("28") === true) return "the database refuses the server's user or password"
  if (error.reason._tag === "ConnectionError") return "the database cannot be reached"
  return code === undefined
    ? "the database answered what was not expected"
    : `the database reported an error (SQLSTATE ${code})`
}

/** Data exceptions, violated constraints, exceeded limits: the database works, and refuses the value. */
const inputClasses: ReadonlySet<string> = new Set(["22", "23", "54"])

/** Whether the database refused a statement because of its values. */
const isRefusedInput = (error: unknown): boolean =>
  SqlError.isSqlError(error) && inputClasses.has(codeOf(error)?.slice(0, 2) ?? "")

/** A failed statement, as an error for its callers. */
export const unavailable = (operation: string, error: unknown): Store.StoreUnavailable =>
  isRefusedInput(error)
    ? new Store.StoreUnavailable({
      operation,
      backend: "database",
      reason: `the database does not take a value of it (SQLSTATE ${codeOf(error)})`,
      refused: true,
      cause: error
    })
    : new Store.StoreUnavailable({ operation, backend: "database", reason: reasonOf(error), cause: error })

/** A call that timed out, or was refused because the queue is full; `why` in words for people. */
export const gaveUp = (operation: string, why: string): Store.StoreUnavailable =>
  new Store.StoreUnavailable({ operation, backend: "database", reason: why, cause: new Error(why) })
