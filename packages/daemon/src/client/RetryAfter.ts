/** The longest that a daemon lets a server send it away, in ms. */
export const maxRetryAfter = 10 * 60_000

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
