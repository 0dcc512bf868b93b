import { createHash, timingSafeEqual } from "node:crypto"

/** Why a request to the local port is not served. */
export interface Denial {
  readonly status: 401 | 403
  readonly error: string
}

type Headers = Readonly<Record<string, string | undefined>>

const loopback = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i

/**
 * Whom the local port serves: programs of this machine that call it by a loopback name. A browser says its `Origin` with
 * what a page may not send by itself, and a page under a rebound name says that name as `Host`; both are refused.
 */
export const judgeCaller = (headers: Headers): Denial | undefined => {
  if (headers["origin"] !== undefined) return { status: 403, error: "pages are not served here" }
  if (!loopback.test(headers["host"] ?? "")) return { status: 403, error: "call this port as 127.0.0.1" }
  return undefined
}

const digest = (text: string) => createHash("sha256").update(text).digest()

/** Control needs the token of this start. Compared in constant time, whatever its length. */
export const judgeControl = (headers: Headers, token: string): Denial | undefined => {
  const given = headers["authorization"] ?? ""
  return timingSafeEqual(digest(given), digest(`Bearer ${token}`))
    ? undefined
    : { status: 401, error: "control needs the token of this start: see daemon.json in the data folder" }
}
