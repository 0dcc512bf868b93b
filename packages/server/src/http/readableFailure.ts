import { HttpServerResponse } from "effect/http"
import { maxBody } from "./jsonBody.ts"

const sentences: Readonly<Record<number, { readonly error: string; readonly code: string }>> = {
  400: { error: "invalid request body", code: "invalid_body" },
  404: { error: "no such page", code: "no_route" },
  405: { error: "method not allowed", code: "method_not_allowed" },
  413: { error: `request body is larger than ${maxBody.text}`, code: "too_large" },
  415: { error: "the request body must be application/json", code: "unsupported_media_type" },
  500: { error: "internal error", code: "internal" },
  503: { error: "the server is stopping", code: "stopping" }
}

/** Whether the framework made the failure: it has no body or, for 415, plain text. */
const isBare = ({ body, status }: HttpServerResponse.HttpServerResponse) =>
  status >= 400 && (body._tag === "Empty" || status === 415)

/** Adds an error body to a bare failure; returns every other response unchanged. */
export const readableFailure = (response: HttpServerResponse.HttpServerResponse) => {
  const sentence = isBare(response) ? sentences[response.status] : undefined
  return sentence === undefined ? response : HttpServerResponse.jsonUnsafe(sentence, { status: response.status })
}
