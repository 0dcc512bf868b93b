import { useNow } from "./Clock.ts"

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Returns a duration in its largest unit: `40 s`, `3 min`, `2 h`, `5 days`. `round` makes whole units. */
const inUnits = (ms: number, round: (units: number) => number): string => {
  const size = Math.max(0, ms)
  if (size < minute) return `${round(size / second)} s`
  if (size < hour) return `${round(size / minute)} min`
  if (size < 2 * day) return `${round(size / hour)} h`
  return `${round(size / day)} days`
}

/** Returns a past duration, rounded down. */
export const span = (ms: number): string => inUnits(ms, Math.floor)

/** Returns a remaining duration, rounded to the nearest unit. */
export const spanLeft = (ms: number): string => inUnits(ms, Math.round)

const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" })

/** Returns a moment (epoch ms) in full, in the reader's locale and time zone. */
export const fullTime = (at: number): string => full.format(at)

/** Shows how long ago a moment was. Below `fresh` ms it is `just now`. */
export const Ago = ({ at, fresh = 5 * second }: { readonly at: number; readonly fresh?: number }) => {
  // A large `fresh` needs fewer updates: a fleet shows hundreds of these.
  const age = useNow(fresh < minute ? second : 10 * second) - at
  return (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>
      {age < fresh ? "just now" : `${span(age)} ago`}
    </time>
  )
}
