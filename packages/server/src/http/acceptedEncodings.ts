import type { HttpServerRequest } from "effect/http"

/** The content encodings that a caller accepts. One with the quality 0 is refused. */
export const acceptedEncodings = ({ headers }: HttpServerRequest.HttpServerRequest): ReadonlySet<string> =>
  new Set(
    (headers["accept-encoding"] ?? "").split(",").map((part) => part.trim().toLowerCase())
      .filter((part) => !/;\s*q=0(\.0*)?$/.test(part)).map((part) => part.split(";")[0]!.trim())
  )
