import { errorSummary, Gone, Refused, type ServerError, Unreachable } from "./ServerError.ts"

/** The upper bound of a `Retry-After`, in ms. */
const maxRetryAfter = 10 * 60_000

/**
 * A `Retry-After` header as ms from `now` (epoch ms): seconds or an HTTP date (RFC 9110 §10.2.3), bounded by
 * `maxRetryAfter`. Null: absent or unreadable.
 */
export const retryAfter = (header: string | undefined, now: number): number | null => {
  const text = header?.trim() ?? ""
  if (text === "") return null
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), maxRetryAfter)
}

/** The maximum size of an error's body that is read, in bytes. Source: `docs/protocol.md` 1.5. */
export const maxErrorBody = 4_096

const gonePhrase = "runtime not found"

/** A reply with an error: its status, its `Retry-After`, and the start of its body. */
export interface ErrorReply {
  readonly operation: string
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: string
  /** Epoch ms. */
  readonly now: number
}

/**
 * Returns the error of a reply with a status of 300 or more. Only 404 with the phrase `runtime not found`, in any letter case,
 * means gone: not another status with the phrase, nor another 404. 408, 429, redirects and 5xx can be retried.
 */
export const readErrorReply = ({ body, now, operation, status, ...reply }: ErrorReply): ServerError => {
  const said = body.trim()
  if (status === 404 && said.toLowerCase().includes(gonePhrase)) return new Gone({ operation })
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return new Refused({ operation, status, body: said })
  }
  const reason = status < 400
    ? `the server redirects (${status}); check the server URL`
    : `answered ${status} ${errorSummary(said)}`.trimEnd()
  return new Unreachable({ operation, reason, status, retryAfter: retryAfter(reply.retryAfter, now) })
}
