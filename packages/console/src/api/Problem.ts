import { Cause, Predicate } from "effect"
import * as HttpClientError from "effect/http/HttpClientError"

/** Why something did not work, for people: one sentence, and the server's word for it where there is one. */
export class Problem extends Error {
  readonly code: string
  constructor(sentence: string, code: string) {
    super(sentence)
    this.code = code
  }
}

const hasWords = (error: unknown): error is { readonly error: string; readonly code: string } =>
  Predicate.hasProperty(error, "error") && typeof error.error === "string" &&
  Predicate.hasProperty(error, "code") && typeof error.code === "string"

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** A failure of a call as a problem. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof Problem) return error
  if (hasWords(error)) return new Problem(capital(error.error), error.code)
  if (Cause.isTimeoutError(error)) return new Problem("The server did not answer in time", "timeout")
  if (HttpClientError.isHttpClientError(error)) {
    return error.response === undefined
      ? new Problem("The server cannot be reached", "unreachable")
      : new Problem(`The server answered with status ${error.response.status}`, "unexpected")
  }
  return new Problem("The server answered something that this page does not understand; reload it", "unexpected")
}

const signedOut: ReadonlySet<string> = new Set(["missing_authorization", "invalid_token"])

/** Whether a failure says that there is no session, or none any more. */
export const isSignedOut = (error: unknown): boolean => error instanceof Problem && signedOut.has(error.code)
