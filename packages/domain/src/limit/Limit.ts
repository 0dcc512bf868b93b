import type { Bucket, Taken } from "./LimitStore.ts"

export * from "./LimitStore.ts"

const minute = 60_000
const hour = 60 * minute

/** A limit: how often something may happen for one key. */
interface Rule extends Bucket {
  /** How many a server takes in advance. */
  readonly batch: number
  /** The plural noun in a refusal, with its scope. */
  readonly what: string
  /** The kind of the key. */
  readonly key: "address" | "credential" | "person" | "workspace"
}

/**
 * Every limit of the server. `max` may come in a burst; over time one more per `window / max`. A frequent limit
 * (`batch`) is taken in advance by each server, so that its key costs one call to the store per `batch`.
 */
export const rules = {
  /** Attempts to sign in, with any result. */
  sign_ins: { max: 300, window: 5 * minute, batch: 1, what: "sign-ins from this address", key: "address" },
  /** Calls of people with a token that is not valid. */
  wrong_tokens: {
    max: 300,
    window: 5 * minute,
    batch: 1,
    what: "calls with a wrong token from this address",
    key: "address"
  },
  /** Calls of people; a daemon's calls do not count. */
  calls: { max: 12_000, window: minute, batch: 120, what: "calls with this token", key: "credential" },
  /** New requests to runtimes. */
  person_requests: { max: 3_000, window: minute, batch: 30, what: "requests of yours", key: "person" },
  workspace_requests: { max: 6_000, window: minute, batch: 60, what: "requests in this workspace", key: "workspace" },
  /** Invitations that a person creates. */
  invitations: { max: 100, window: hour, batch: 1, what: "invitations of yours", key: "person" },
  /** Reads of invitation links, and attempts to accept one, without an account. */
  invitation_links: {
    max: 60,
    window: 5 * minute,
    batch: 1,
    what: "attempts with an invitation link from this address",
    key: "address"
  },
  /** Join tokens and join keys that a person creates. */
  join_tokens: { max: 100, window: hour, batch: 1, what: "join tokens of yours", key: "person" },
  /** Attempts of machines to join: build machines join in bursts. */
  joins: { max: 600, window: 10 * minute, batch: 1, what: "attempts to join from this address", key: "address" }
} as const satisfies Readonly<Record<string, Rule>>

export type LimitName = keyof typeof rules

export const names = Object.keys(rules) as ReadonlyArray<LimitName>

/** The cost of one, in µs: whole, so that every backend computes the same. */
export const costOf = ({ max, window }: Bucket): number => Math.ceil((window * 1_000) / max)

/**
 * Takes up to `wanted` from a bucket that is empty until `full` (epoch µs: the time at which it is full again; undefined:
 * it is full). `now` in epoch ms. The generic cell rate algorithm: the whole state is one time.
 */
export const take = (
  full: number | undefined,
  bucket: Bucket,
  wanted: number,
  now: number
): Taken & { readonly full: number } => {
  const [at, cost] = [now * 1_000, costOf(bucket)]
  const from = Math.max(full ?? at, at)
  const left = Math.floor((at + cost * bucket.max - from) / cost)
  const granted = Math.max(0, Math.min(wanted, left))
  return { granted, full: from + granted * cost, retryAfter: granted > 0 ? 0 : retryAfterOf(from, bucket, now) }
}

/** In how many ms one more is available, for a bucket that is full at `full` (epoch µs). */
export const retryAfterOf = (full: number, bucket: Bucket, now: number): number =>
  Math.max(1, Math.ceil((full - costOf(bucket) * (bucket.max - 1)) / 1_000 - now))

/** A waiting time in words: `40 seconds`, `3 minutes`. */
const waitText = (ms: number): string => {
  const seconds = Math.max(1, Math.ceil(ms / 1_000))
  const [count, unit] = seconds < 120 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"]
  return `${count} ${unit}${count === 1 ? "" : "s"}`
}

const spanText = (window: number): string => {
  if (window === hour) return "an hour"
  return window === minute ? "a minute" : `${window / minute} minutes`
}

/** Why a caller that reached a limit is refused. `retryAfter` in ms. */
export const refusal = (name: LimitName, retryAfter: number, { max, window }: Bucket = rules[name]): string => {
  const { what } = rules[name]
  return `too many ${what} (at most ${max} in ${spanText(window)}): try again in ${waitText(retryAfter)}`
}
