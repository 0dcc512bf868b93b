import { Predicate } from "effect"

/** The word for a port on which nobody listens. */
export const refusedConnection = "connection refused"

const words: Record<string, string> = {
  ECONNREFUSED: refusedConnection,
  ECONNRESET: "the connection broke",
  EHOSTUNREACH: "no way to that host",
  ENETUNREACH: "no way to that network",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "its name cannot be resolved now",
  ETIMEDOUT: "the connection timed out",
  UND_ERR_CONNECT_TIMEOUT: "the connection timed out",
  UND_ERR_SOCKET: "the connection broke",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name"
}

/** `fetch` hides the reason in the causes of its error; with several addresses, in the errors of one of those. */
const codeOf = (error: unknown): string | undefined => {
  if (!Predicate.isObject(error)) return undefined
  if (Predicate.hasProperty(error, "code") && typeof error.code === "string") return error.code
  if (Predicate.hasProperty(error, "cause")) return codeOf(error.cause)
  return undefined
}

const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return "the connection failed"
  return error.cause instanceof Error ? messageOf(error.cause) : error.message
}

/** Why a connection failed, in a few words. */
export const transportProblem = (cause: unknown): string => {
  const code = codeOf(cause)
  return code === undefined ? messageOf(cause) : words[code] ?? code
}
