import { parseJson, type WireError, wireError } from "@muster/domain"
import { Effect } from "effect"
import type { HttpServerRequest } from "effect/http"

/** The largest body that any route reads. A larger one is answered 413 and not kept in memory. */
export const maxBody = { bytes: 1024 * 1024, text: "1 MiB" }

/** The body of a request as JSON. An empty one, or one that is no JSON, is `invalid request body`. */
export const jsonBody = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<unknown, WireError> =>
  Effect.flatMap(
    Effect.mapError(request.text, ({ reason }) =>
      "reason" in reason && reason.reason === "BodyTooLarge"
        ? wireError.tooLarge(maxBody.text)
        : wireError.invalidBody()),
    (text) => {
      const value = parseJson(text)
      return value === undefined ? Effect.fail(wireError.invalidBody()) : Effect.succeed(value)
    }
  )
