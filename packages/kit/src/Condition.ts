import type { LogLevel } from "effect"

/** The minimum time between two log lines about one condition, in ms. */
const repeatAfter = 10 * 60_000

type Annotations = Readonly<Record<string, unknown>>

export interface Occurrence {
  /** Nothing is logged before the condition has lasted this long, in ms. Default 0. */
  readonly grace?: number
  /**
   * Nothing is logged while this other condition, its reason, is open. A key that ends in `:` matches every key with this
   * prefix.
   */
  readonly because?: string
  /** Writes the first line although the reason is open. */
  readonly onceAnyway?: boolean
  /** Logs the beginning and the end only: for a condition that can last. */
  readonly once?: boolean
  /** The level of the lines about its presence. Default `Warn`. */
  readonly level?: LogLevel.Severity
  /** Annotations of the lines, with `times` for more than one occurrence. Without them the text contains the count. */
  readonly annotations?: Annotations
  /**
   * No caller ends it: it ends when it has not occurred for 10 min. This line is then written if there were unlogged
   * occurrences.
   */
  readonly lapse?: string
}

/** One line of the log. */
export interface Line {
  readonly level: LogLevel.Severity
  readonly text: string
  readonly annotations?: Annotations | undefined
}

/** A problem of a process, as it was reported and logged so far. Times are epoch ms. */
export interface Condition {
  readonly open: boolean
  /** What is wrong, in the words of the latest occurrence. */
  readonly text: string
  readonly annotations: Annotations | undefined
  readonly since: number
  /** As `since`; for a condition that flickers, when the flickering began. */
  readonly began: number
  /** When it last occurred. */
  readonly at: number
  /** Occurrences since the last line about it. */
  readonly count: number
  /** When the last line about its presence was written; null: never. */
  readonly spokenAt: number | null
  /** Not logged: within its grace time, or explained by another condition. */
  readonly quiet: boolean
  /** Whether its beginning was logged and its end was not. */
  readonly announced: boolean
  /** The log line for when it has not occurred for 10 min; undefined: a caller ends it. */
  readonly lapse: string | undefined
  /** When it last ended; null: never. */
  readonly endedAt: number | null
  /** It began again soon after it had ended. */
  readonly flickers: boolean
  /** The log line about the end of one that flickers, written after 10 min without an occurrence. */
  readonly ending: string | undefined
}

const unknown = (now: number): Condition => ({
  open: false,
  text: "",
  annotations: undefined,
  since: now,
  began: now,
  at: now,
  count: 0,
  spokenAt: null,
  quiet: false,
  announced: false,
  lapse: undefined,
  endedAt: null,
  flickers: false,
  ending: undefined
})

/** A step of a condition: the line to write, if any, and the condition after it; undefined: it is removed. */
export type Step<A = Condition> = readonly [Line | undefined, A]

const presence = ({ annotations, count, text }: Condition, level: LogLevel.Severity): Line => {
  if (annotations !== undefined) {
    return { level, text, annotations: count > 1 ? { ...annotations, times: count } : annotations }
  }
  return { level, text: count > 1 ? `${text} (${count} times so far)` : text }
}

/** The condition occurs. `explained`: its reason is open. */
export const occur = (
  known: Condition | undefined,
  now: number,
  text: string,
  { annotations, grace = 0, lapse, level = "Warn", once = false, onceAnyway = false }: Occurrence,
  explained: boolean
): Step => {
  const before = known ?? unknown(now)
  const { announced, open, spokenAt } = before
  const flickers = open ? before.flickers : before.endedAt !== null && now - before.endedAt < repeatAfter
  const since = open ? before.since : now
  const quiet = now - since < grace || (explained && !(onceAnyway && spokenAt === null))
  const next: Condition = {
    ...before,
    open: true,
    text,
    annotations,
    since,
    began: open || flickers ? before.began : now,
    at: now,
    count: before.count + 1,
    quiet,
    lapse,
    flickers,
    ending: undefined
  }
  const isUnspoken = quiet || (once && announced) || (spokenAt !== null && now - spokenAt < repeatAfter)
  return isUnspoken
    ? [undefined, next]
    : [presence(next, level), { ...next, spokenAt: now, announced: true, count: 0 }]
}

const sayEnd = (condition: Condition, text: string, at: number): Step => {
  const seconds = Math.round((at - condition.began) / 1_000)
  const times = condition.count > 0 ? `, ${condition.count} times since the last line` : ""
  const after = { ...condition, announced: false, count: 0, ending: undefined }
  return [{ level: "Info", text: `${text} (after ${seconds} s${times})` }, after]
}

/** The condition ends. The line about the end of one that flickers is written by `look`. */
export const finish = (condition: Condition, now: number, text: string): Step => {
  if (!condition.open) return [undefined, condition]
  const ended = { ...condition, open: false, endedAt: now }
  if (!ended.announced) return [undefined, ended]
  return ended.flickers ? [undefined, { ...ended, ending: text }] : sayEnd(ended, text, now)
}

/** Time passes: ends a condition that has not occurred for 10 min. */
export const look = (condition: Condition, now: number): Step<Condition | undefined> => {
  const { annotations, at, count, endedAt, ending, lapse, quiet } = condition
  if (ending !== undefined && endedAt !== null && now - endedAt >= repeatAfter) {
    return sayEnd(condition, ending, endedAt)
  }
  if (lapse === undefined || now - at < repeatAfter) return [undefined, condition]
  const isWorthALine = count > 0 && !quiet
  return [
    isWorthALine ? { level: "Info", text: lapse, annotations: { ...annotations, times: count } } : undefined,
    undefined
  ]
}
