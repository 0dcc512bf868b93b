import { type Request, type RequestKind, WireError } from "@muster/domain"
import { Result, Schema } from "effect"

/** Returns a function that reads a body as the kind's encoded payload. Only for a kind that has a payload. */
export const askReader = (
  kind: RequestKind.RequestKind
): (body: unknown) => Result.Result<Request.Json, WireError.BadRequest> => {
  const { readAsk } = kind
  if (readAsk !== undefined) {
    return (body) =>
      Result.mapError(readAsk(body) as Result.Result<Request.Json, RequestKind.AskRefusal>, WireError.refusedAsk)
  }
  const decode = Schema.decodeUnknownResult(kind.payload)
  const encode = Schema.encodeResult(kind.payload)
  return (body) =>
    Result.flatMap(decode(body), encode).pipe(
      Result.map((payload) => payload as Request.Json),
      Result.mapError(() => WireError.invalidBody())
    )
}
