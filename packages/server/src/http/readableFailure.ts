import { HttpServerResponse } from "effect/http"
import { maxBody } from "./jsonBody.ts"

const sentences: Readonly<Record<number, { readonly error: string; readonly code: string }>> = {
  400: { error: "invalid request body", code: "invalid_body" },
  404: { error: "no such page", code: "no_route" },
  405: { error: "method not allowed", code: "method_not_allowed" },
  413: { error: `request body is larger than ${maxBody.text}`, code: "too_large" },
  500: { error: "internal error", code: "internal" },
  503: { error: "the server is stopping", code: "stopping" }
}

/** A failure without a body gets one sentence; every other response stays as it is, byte for byte. */
export const readableFailure = (response: HttpServerResponse.HttpServerResponse) => {
  const sentence = response.status >= 400 && response.body._tag === "Empty" ? sentences[response.status] : undefined
  return sentence === undefined ? response : HttpServerResponse.jsonUnsafe(sentence, { status: response.status })
}
