import { Data } from "effect"
import { sanitizeLine } from "../process/sanitizeOutput.ts"

/** In characters. */
const maxSummary = 200

/** The message in an error's body as a Muster server writes it, with its JSON escapes. */
const ownMessage = (body: string): string | undefined => /^\s*\{"error":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1]

/**
 * Returns the body of an error response as one line for people: the message of a Muster server, else the text of the response,
 * such as a proxy's page. At most 200 characters.
 */
export const errorSummary = (body: string): string => {
  const text = ownMessage(body) ?? body.replaceAll(/<(style|script)\b[^]*?<\/\1>|<[^>]*>/gi, " ")
  return sanitizeLine(text).replaceAll(/\s+/g, " ").slice(0, maxSummary).toWellFormed()
}

/** The runtime's row is provably absent: the server reported exactly that. */
export class Gone extends Data.TaggedError("Gone")<{ readonly operation: string }> {
  override get message() {
    return `${this.operation}: the server has no such runtime`
  }
}

/** The server refused the call; repeating it does not help. */
export class Refused extends Data.TaggedError("Refused")<{
  readonly operation: string
  /** 4xx. */
  readonly status: number
  /** The first 4,096 bytes of its body, trimmed. */
  readonly body: string
}> {
  override get message() {
    return `${this.operation}: refused with ${this.status} ${errorSummary(this.body)}`.trimEnd()
  }

  /** Whether its body is an error of a server, not the page of a proxy. */
  get isFromServer() {
    return ownMessage(this.body) !== undefined
  }

  /** Whether the token, or the machine's credential, is refused. */
  get isAboutToken() {
    return this.status === 401 || this.isOfAnother
  }

  /** Whether it is the credential of another machine: it was copied. */
  get isOfAnother() {
    return this.status === 403 && this.body.includes("credential_of_another_machine")
  }
}

/** No reply, or one that does not answer the call: the call can be retried. */
export class Unreachable extends Data.TaggedError("Unreachable")<{
  readonly operation: string
  readonly reason: string
  /** The HTTP status; null without a reply. */
  readonly status: number | null
  /** The server's `Retry-After`, in ms; null without one; at most `maxRetryAfter`. */
  readonly retryAfter: number | null
}> {
  override get message() {
    return `${this.operation}: ${this.reason}`
  }
}

export type ServerError = Gone | Refused | Unreachable
