import { Schema } from "effect"
import { snakeKeys } from "../codec/Snake.ts"
import { RequestTime } from "../codec/Time.ts"
import { ModelList } from "../request/kinds/ModelList.ts"
import { isTerminal, type Json, type Request, statusOf } from "../request/Request.ts"
import { RequestId } from "../request/RequestId.ts"
import type { RequestKind } from "../request/RequestKind.ts"
import { RuntimeId } from "../runtime/Runtime.ts"

const base = {
  id: RequestId,
  runtimeId: RuntimeId,
  status: Schema.Literals(["pending", "running", "completed", "failed", "timeout"]),
  error: Schema.optionalKey(Schema.String),
  createdAt: RequestTime,
  updatedAt: RequestTime
}

/** The fields of a POST's response in addition to the record, of a kind whose answers are kept. */
const keptFields = {
  /** The answer is a kept one: this request will not change any more. */
  cached: Schema.optionalKey(Schema.Boolean),
  cachedAt: Schema.optionalKey(RequestTime),
  /** The request has ended after this number of seconds at the latest. */
  worthWaitingS: Schema.optionalKey(Schema.Finite)
}

type KeptOf<K extends RequestKind> = K extends { readonly kept: true } ? typeof keptFields : unknown

/**
 * The public record of a kind: what every request shows, and the fields of the kind's payload and result. It does not
 * contain the start of a run and the person who asked. Source: `docs/protocol.md` 7.4.
 */
export const requestRecord = <K extends RequestKind>(kind: K) => {
  const own = { ...kind.payload.fields, ...kind.result.fields, ...(kind.kept === true ? keptFields : {}) } as
    & K["payload"]["fields"]
    & K["result"]["fields"]
    & KeptOf<K>
  return snakeKeys(Schema.Struct({ ...own, ...base }))
}

/** The public record of a model-list request. */
export const ModelListRecord = requestRecord(ModelList)

/** The public part of a request, on the wire's side of `requestRecord`. */
export const publicRecord = (kind: RequestKind, request: Request, beside: Json = {}): Record<string, unknown> => {
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
    updated_at: new Date(request.updatedAt).toISOString(),
    ...beside
  }
}
