import type { WireError } from "@muster/domain"
import { Effect } from "effect"
import { HttpServerResponse } from "effect/http"

const statuses: Record<WireError.WireError["name"], number> = {
  BadRequest: 400,
  Unauthenticated: 401,
  Forbidden: 403,
  NotFound: 404,
  Conflict: 409,
  TooLarge: 413,
  TooMany: 429,
  ServerFault: 500,
  Unavailable: 503
}

/** Returns a wire error as the response of a route that is not typed. */
export const errorResponse = (error: WireError.WireError) =>
  Effect.succeed(
    HttpServerResponse.jsonUnsafe({ error: error.error, code: error.code }, { status: statuses[error.name] ?? 500 })
  )
