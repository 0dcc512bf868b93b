import { Cause, Predicate } from "effect"
import * as HttpClientError from "effect/http/HttpClientError"

/** Why an action failed, for people: one sentence, and the server's error code if there is one. */
export class Problem extends Error {
  readonly code: string
  constructor(sentence: string, code: string) {
    super(sentence)
    this.code = code
  }
}

const isServerError = (error: unknown): error is { readonly error: string; readonly code: string } =>
  Predicate.hasProperty(error, "error") && typeof error.error === "string" &&
  Predicate.hasProperty(error, "code") && typeof error.code === "string"

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** Returns the error of a call as a problem. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof Problem) return error
  if (isServerError(error)) return new Problem(capital(error.error), error.code)
  if (Cause.isTimeoutError(error)) return new Problem("The server did not answer in time", "timeout")
  if (HttpClientError.isHttpClientError(error)) {
    return error.response === undefined
      ? new Problem("The server cannot be reached", "unreachable")
      : new Problem(`The server answered with status ${error.response.status}`, "unexpected")
  }
  return new Problem("The server sent a response that this page cannot read; reload the page", "unexpected")
}

const signedOut: ReadonlySet<string> = new Set(["missing_authorization", "invalid_token"])

/** Whether an error means that there is no session, or that it has ended. */
export const isSignedOut = (error: unknown): boolean => error instanceof Problem && signedOut.has(error.code)
