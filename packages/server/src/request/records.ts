import { type Json, publicRecord, type Request, type RequestKind, requestRecord, wireError } from "@muster/domain"
import { Effect, Schema } from "effect"

/** Returns a function that makes public records of a kind's requests. An unreadable stored record is a server fault. */
export const makeRecord = <K extends RequestKind>(kind: K) => {
  const decode = Schema.decodeUnknownEffect(requestRecord<RequestKind>(kind))
  return (request: Request, beside?: Json) =>
    Effect.mapError(
      decode(publicRecord(kind, request, beside)),
      (cause) => wireError.fault("failed to read request", cause)
    )
}
