import { Schema } from "effect"
import { launchHeader, Runtime } from "../runtime/Runtime.ts"
import { snakeKeys } from "./Snake.ts"
import { RowTime } from "./Time.ts"

/** A runtime as the API shows it. Source: `wire.md` 8.1. */
export const RuntimeRecord = snakeKeys(Schema.Struct({
  ...Runtime.fields,
  launchHeader: Schema.String,
  /** Empty in the reply to a registration, as the protocol has it. */
  visibility: Schema.Literals(["private", "public", ""]),
  lastSeenAt: Schema.NullOr(RowTime),
  createdAt: RowTime,
  updatedAt: RowTime
}))
export type RuntimeRecord = typeof RuntimeRecord.Type

export const runtimeRecord = (runtime: Runtime): RuntimeRecord => ({
  ...runtime,
  launchHeader: launchHeader(runtime.provider)
})
