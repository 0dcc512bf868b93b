import { Predicate } from "effect"

/** The problem of a port that no program listens on. */
export const refusedConnection = "connection refused"

const problems: Record<string, string> = {
  ECONNREFUSED: refusedConnection,
  ECONNRESET: "the connection was closed",
  EHOSTUNREACH: "no route to that host",
  ENETUNREACH: "that network is unreachable",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "its name cannot be resolved at the moment",
  ETIMEDOUT: "the connection timed out",
  UND_ERR_CONNECT_TIMEOUT: "the connection timed out",
  UND_ERR_SOCKET: "the connection was closed",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name"
}

/** Returns the error code. `fetch` reports it in a nested cause. */
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

/** Returns a short description of why a connection failed. */
export const transportProblem = (cause: unknown): string => {
  const code = codeOf(cause)
  return code === undefined ? messageOf(cause) : problems[code] ?? code
}
