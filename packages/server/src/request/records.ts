import { Api, type Request, type RequestKind, WireError } from "@muster/domain"
import { Effect, Schema } from "effect"

/** Returns a function that makes public records of a kind's requests. An unreadable stored record is a server fault. */
export const makeRecord = <K extends RequestKind.RequestKind>(kind: K) => {
  const decode = Schema.decodeUnknownEffect(Api.requestRecord(kind))
  return (request: Request.Request, beside?: Request.Json) =>
    Effect.mapError(
      decode(Api.publicRecord(kind, request, beside)),
      (cause) => WireError.fault("failed to read request", cause)
    )
}
