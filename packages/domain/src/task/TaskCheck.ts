import { Result, Schema } from "effect"
import { refusedBound, refusedPlace } from "../codec/PlaceOf.ts"
import { StoreUnavailable } from "../store/StoreUnavailable.ts"
import { Body, Sent } from "./TaskEvent.ts"
import { Task } from "./TaskRecord.ts"

/** A refusal that names the field. */
const refusal = (operation: string, error: Schema.SchemaError) => {
  const place = refusedBound(error.issue) ?? refusedPlace(error.issue)
  return new StoreUnavailable({ operation, reason: `it would not be readable: ${place}`, refused: true, cause: error })
}

const decodeTask = Schema.decodeUnknownResult(Task)
const encodeEvents = Schema.encodeUnknownResult(Schema.Array(Schema.Struct({ at: Sent.fields.at, body: Body })))

/** What every store checks before it writes a record: that it can read it again. `operation`: the call, for the refusal. */
export const record = (operation: string, task: Task): Result.Result<Task, StoreUnavailable> => {
  const read = decodeTask(task)
  return Result.isFailure(read) ? Result.fail(refusal(operation, read.failure)) : Result.succeed(task)
}

/** The same for events. Returns them as a store keeps them. */
export const events = (operation: string, sent: ReadonlyArray<Pick<Sent, "at" | "body">>) =>
  Result.mapError(encodeEvents(sent), (error) => refusal(operation, error))
