import { SqlError } from "effect/sql"
import { codeOf } from "../client/Fault.ts"

/** Whether a statement failed because a unique index has such a row already. */
export const isUniqueViolation = (error: unknown): error is SqlError.SqlError =>
  SqlError.isSqlError(error) && codeOf(error) === "23505"
