import type { Api } from "@muster/domain"

/** The state of one bucket, shown by color and by height. */
export type BucketState = "up" | "partly" | "none"

/** How many periods without a heartbeat the text names; it counts the others. */
const maxNamed = 3

export const stateOf = (up: number): BucketState => up >= 1 ? "up" : up > 0 ? "partly" : "none"

/** A period without a heartbeat, epoch ms. */
interface Silence {
  readonly from: number
  readonly to: number
}

/** Returns the periods without a heartbeat, the newest first. */
const silencesOf = ({ bucketSeconds, buckets }: Api.RuntimeHistoryRecord): ReadonlyArray<Silence> => {
  const found: Array<Silence> = []
  for (const { at, up } of buckets) {
    if (stateOf(up) !== "none") continue
    const to = at + bucketSeconds * 1_000
    const last = found.at(-1)
    if (last?.to === at) found[found.length - 1] = { ...last, to }
    else found.push({ from: at, to })
  }
  return found.toReversed()
}

/** Rounds down, so that only a complete day is 100 %. */
const percent = (part: number) => `${Math.floor(part * 100)} %`

/**
 * Returns the history as sentences, the chart's text alternative: the uptime, and the newest periods without a heartbeat.
 * `time` writes a moment (epoch ms) as a time of day.
 */
export const historyText = (history: Api.RuntimeHistoryRecord, time: (at: number) => string): string => {
  if (history.uptime === null) return "Registered less than two minutes ago."
  const silences = silencesOf(history)
  const named = silences.slice(0, maxNamed).map(({ from, to }) => `${time(from)} to ${time(to)}`)
  const more = silences.length - named.length
  const uptime = `Online ${percent(history.uptime)} of the last 24 h.`
  if (named.length === 0) return uptime
  return `${uptime} No heartbeat from ${named.join(", ")}${more > 0 ? `, and ${more} times before` : ""}.`
}
