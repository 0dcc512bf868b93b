import { type AskRefusal, type BadRequest, type Json, type RequestKind, wireError } from "@muster/domain"
import { Result, Schema } from "effect"

/** Returns a function that reads a body as the kind's encoded payload. Only for a kind that has a payload. */
export const askReader = (kind: RequestKind): (body: unknown) => Result.Result<Json, BadRequest> => {
  const { readAsk } = kind
  if (readAsk !== undefined) {
    return (body) => Result.mapError(readAsk(body) as Result.Result<Json, AskRefusal>, wireError.refusedAsk)
  }
  const decode = Schema.decodeUnknownResult(kind.payload)
  const encode = Schema.encodeResult(kind.payload)
  return (body) =>
    Result.flatMap(decode(body), encode).pipe(
      Result.map((payload) => payload as Json),
      Result.mapError(() => wireError.invalidBody())
    )
}
