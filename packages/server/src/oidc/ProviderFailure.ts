import { Schema } from "effect"

/**
 * Why the provider gave no person. `unreachable`: it did not answer, or answered with a fault of its own; `denied`: the
 * person or the provider refused; `used`: the code was used before or has expired; `client`: it refuses this server's
 * client id or secret; `invalid`: its answer does not pass the checks.
 */
export class ProviderFailure extends Schema.TaggedError<ProviderFailure>()("ProviderFailure", {
  reason: Schema.Literals(["unreachable", "denied", "used", "client", "invalid"]),
  /** For the log: no code, token or secret. */
  detail: Schema.String
}) {
  override get message() {
    return this.detail
  }
}

type Reason = ProviderFailure["reason"]

/** What errors of openid-client, and of the fetch below it, have. */
interface Known {
  readonly name?: unknown
  readonly code?: unknown
  readonly error?: unknown
  readonly status?: unknown
  readonly message?: unknown
  readonly cause?: Known
}

const textOf = (value: unknown) => typeof value === "string" && value !== "" ? value : undefined

/** Errors of OAuth that the provider itself can cause at the token endpoint. */
const tokenReasons: Readonly<Record<string, Reason>> = {
  invalid_grant: "used",
  invalid_client: "client",
  unauthorized_client: "client"
}

/** Errors of OAuth that the provider sends with its redirect; others are errors of this server's set-up. */
const redirectReasons: Readonly<Record<string, Reason>> = {
  access_denied: "denied",
  login_required: "denied",
  interaction_required: "denied",
  consent_required: "denied",
  account_selection_required: "denied",
  server_error: "unreachable",
  temporarily_unavailable: "unreachable"
}

const reasonOf = ({ cause, code, error, status }: Known): Reason => {
  switch (code) {
    case "OAUTH_AUTHORIZATION_RESPONSE_ERROR":
      return redirectReasons[textOf(error) ?? ""] ?? "invalid"
    case "OAUTH_RESPONSE_BODY_ERROR":
      return tokenReasons[textOf(error) ?? ""] ?? (Number(status) >= 500 ? "unreachable" : "invalid")
    case "OAUTH_WWW_AUTHENTICATE_CHALLENGE":
      return Number(status) === 401 ? "client" : "invalid"
    case "OAUTH_RESPONSE_IS_NOT_CONFORM":
      return Number(cause?.status) >= 500 ? "unreachable" : "invalid"
    case undefined:
      return "unreachable"
    default:
      return "invalid"
  }
}

/** The chain of an error's causes, from the outside in; at most 5. */
const chainOf = (error: Known): ReadonlyArray<Known> => {
  const chain: Array<Known> = []
  for (let one: Known | undefined = error; typeof one === "object" && one !== null && chain.length < 5;) {
    chain.push(one)
    one = one.cause
  }
  return chain
}

const detailOf = (error: Known): string => {
  const texts = chainOf(error).map(({ code, error, message }) => textOf(error) ?? textOf(message) ?? textOf(code))
  return [...new Set(texts.filter((text) => text !== undefined))].join(": ").slice(0, 300) || "unknown error"
}

const isLate = (error: Known) => chainOf(error).some(({ name }) => name === "TimeoutError")

/** Returns an error of openid-client as a failure. */
export const failureOf = (error: unknown): ProviderFailure => {
  const known: Known = typeof error === "object" && error !== null ? error : { message: String(error) }
  if (isLate(known)) return new ProviderFailure({ reason: "unreachable", detail: "it did not answer in time" })
  return new ProviderFailure({ reason: reasonOf(known), detail: detailOf(known) })
}
