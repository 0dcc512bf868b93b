import { Schema } from "effect"
import { ModelList } from "../request/kinds/ModelList.ts"
import { isTerminal, type Request, statusOf } from "../request/Request.ts"
import { RequestId } from "../request/RequestId.ts"
import type { RequestKind } from "../request/RequestKind.ts"
import { RuntimeId } from "../runtime/Runtime.ts"
import { snakeKeys } from "./Snake.ts"
import { RequestTime } from "./Time.ts"

const base = {
  id: RequestId,
  runtimeId: RuntimeId,
  status: Schema.Literals(["pending", "running", "completed", "failed", "timeout"]),
  error: Schema.optionalKey(Schema.String),
  createdAt: RequestTime,
  updatedAt: RequestTime
}

/**
 * The public record of a kind: what every request shows, with the fields of the kind's payload and result beside them.
 * When a run started and who asked are not in it. Source: `wire.md` 7.4.
 */
export const requestRecord = <K extends RequestKind>(kind: K) => {
  const own: K["payload"]["fields"] & K["result"]["fields"] = { ...kind.payload.fields, ...kind.result.fields }
  return snakeKeys(Schema.Struct({ ...own, ...base }))
}

/** The public record of a model-list request. */
export const ModelListRecord = requestRecord(ModelList)

/** What is public of a request, on the wire's side of `requestRecord`. */
export const publicRecord = (kind: RequestKind, request: Request): Record<string, unknown> => {
  const { state } = request
  const result = state._tag === "Completed" ? state.result : undefined
  return {
    ...request.payload,
    ...kind.blank,
    ...result,
    id: request.id,
    runtime_id: request.runtimeId,
    status: statusOf(request),
    ...(isTerminal(request) && "error" in state && state.error !== "" ? { error: state.error } : {}),
    created_at: new Date(request.createdAt).toISOString(),
    updated_at: new Date(request.updatedAt).toISOString()
  }
}
