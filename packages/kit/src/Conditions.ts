import { Clock, Context, Effect, Layer, type LogLevel, Option, Schedule, Scope } from "effect"

/** The minimum time between two log lines about one condition, in ms. */
const repeatAfter = 10 * 60_000

/** How often lapsed conditions are looked for, in ms. */
const lookEvery = 60_000

/** The maximum number of conditions; one more replaces the oldest. */
const maxConditions = 1_000

export type Annotations = Readonly<Record<string, unknown>>

interface Condition {
  open: boolean
  /** What is wrong, in the words of the latest occurrence. */
  text: string
  annotations: Annotations | undefined
  since: number
  /** As `since`; for a condition that flickers, when the flickering began. */
  began: number
  /** When it last occurred. */
  at: number
  /** Occurrences since the last line about it. */
  count: number
  /** When the last line about its presence was written; null: never. */
  spokenAt: number | null
  /** Not logged: within its grace time, or explained by another condition. */
  quiet: boolean
  /** Whether its beginning was logged and its end was not. */
  announced: boolean
  /** The log line for when it has not occurred for 10 min; undefined: a caller ends it. */
  lapse: string | undefined
  /** When it last ended; null: never. */
  endedAt: number | null
  /** It began again soon after it had ended. */
  flickers: boolean
  /** The log line about the end of one that flickers, written after 10 min without an occurrence. */
  ending: string | undefined
}

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

const line = (level: LogLevel.Severity, text: string, annotations: Annotations | undefined) => {
  const written = Effect.logWithLevel(level)(text)
  return annotations === undefined ? written : Effect.annotateLogs(written, { ...annotations })
}

const make = Effect.gen(function*() {
  const scope = yield* Scope.Scope
  const conditions = new Map<string, Condition>()
  let looking = false
  const isOpen = (key: string | undefined): boolean => {
    if (key === undefined) return false
    if (!key.endsWith(":")) return conditions.get(key)?.open === true
    return conditions.entries().some(([one, { open }]) => open && one.startsWith(key))
  }

  const find = (key: string, now: number): Condition => {
    const known = conditions.get(key)
    if (known !== undefined) return known
    if (conditions.size >= maxConditions) conditions.delete(conditions.keys().next().value!)
    const made: Condition = {
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
    }
    conditions.set(key, made)
    return made
  }

  /** Ends conditions that have not occurred for 10 min. */
  const lookForLapsed = Effect.flatMap(
    Clock.currentTimeMillis,
    (now) =>
      Effect.forEach(conditions, ([key, condition]) => {
        const { annotations, at, count, endedAt, ending, lapse, quiet } = condition
        if (ending !== undefined && endedAt !== null && now - endedAt >= repeatAfter) {
          return sayEnd(condition, ending, endedAt)
        }
        if (lapse === undefined || now - at < repeatAfter) return Effect.void
        conditions.delete(key)
        return count > 0 && !quiet ? line("Info", lapse, { ...annotations, times: count }) : Effect.void
      }, { discard: true })
  )

  const keepLooking = Effect.suspend(() => {
    if (looking) return Effect.void
    looking = true
    return Effect.asVoid(
      Effect.forkIn(Effect.schedule(lookForLapsed, Schedule.spaced(lookEvery)), scope)
    )
  })

  const begin = Effect.fnUntraced(function*(key: string, text: string, occurrence?: Occurrence) {
    const now = yield* Clock.currentTimeMillis
    const condition = find(key, now)
    if (!condition.open) {
      condition.flickers = condition.endedAt !== null && now - condition.endedAt < repeatAfter
      condition.since = now
      if (!condition.flickers) condition.began = now
    }
    Object.assign(condition, {
      open: true,
      at: now,
      text,
      annotations: occurrence?.annotations,
      lapse: occurrence?.lapse,
      ending: undefined
    })
    condition.count++
    const explained = isOpen(occurrence?.because) && !(occurrence?.onceAnyway === true && condition.spokenAt === null)
    condition.quiet = now - condition.since < (occurrence?.grace ?? 0) || explained
    if (condition.lapse !== undefined) yield* keepLooking
    if (condition.quiet) return
    if (occurrence?.once === true && condition.announced) return
    if (condition.spokenAt !== null && now - condition.spokenAt < repeatAfter) return
    const { annotations, count } = condition
    Object.assign(condition, { spokenAt: now, announced: true, count: 0 })
    const level = occurrence?.level ?? "Warn"
    yield* annotations === undefined
      ? line(level, count > 1 ? `${text} (${count} times so far)` : text, undefined)
      : line(level, text, count > 1 ? { ...annotations, times: count } : annotations)
  })

  const end = Effect.fnUntraced(function*(key: string, text: string) {
    const condition = conditions.get(key)
    if (condition === undefined || !condition.open) return
    const now = yield* Clock.currentTimeMillis
    condition.open = false
    condition.endedAt = now
    if (!condition.announced) return
    if (!condition.flickers) return yield* sayEnd(condition, text, now)
    condition.ending = text
    yield* keepLooking
  })

  const sayEnd = (condition: Condition, text: string, at: number) => {
    const seconds = Math.round((at - condition.began) / 1_000)
    const times = condition.count > 0 ? `, ${condition.count} times since the last line` : ""
    Object.assign(condition, { announced: false, count: 0, ending: undefined })
    return Effect.logInfo(`${text} (after ${seconds} s${times})`)
  }

  const worst = Effect.sync(() => {
    const open = [...conditions.values()].filter(({ open, quiet }) => open && !quiet)
    return open.length === 0 ? null : open.reduce((a, b) => b.since < a.since ? b : a).text
  })

  const forget = (key: string) => Effect.sync(() => void conditions.delete(key))

  const isAnnounced = (key: string) => {
    const condition = conditions.get(key)
    return condition?.open === true && condition.announced
  }

  return Conditions.of({ begin, end, forget, isAnnounced, isOpen, worst })
})

/**
 * The current problems of a process, by key. A condition is logged once when it begins, once when it ends, and once per 10 min
 * between, with a count. A condition that flickers has ended only after 10 min without an occurrence.
 */
export class Conditions extends Context.Service<Conditions, {
  /** Records that the condition occurred. `text`: one sentence for people, without secrets. */
  readonly begin: (key: string, text: string, occurrence?: Occurrence) => Effect.Effect<void>
  /** Records that the condition ended. Does nothing if it was not open. */
  readonly end: (key: string, text: string) => Effect.Effect<void>
  /** Removes the condition without a log line: its subject is gone. */
  readonly forget: (key: string) => Effect.Effect<void>
  /** Whether the condition is open. A key that ends in `:` matches every key with this prefix. */
  readonly isOpen: (key: string) => boolean
  /** Whether its beginning was logged and its end was not. */
  readonly isAnnounced: (key: string) => boolean
  /** The text of the open condition that has lasted longest, or null if there is none. */
  readonly worst: Effect.Effect<string | null>
}>()("@muster/kit/Conditions") {
  static readonly layer = Layer.effect(this, Effect.suspend(() => make))

  /** Returns the service from the context, or creates one in the current scope. */
  static readonly orOwn: Effect.Effect<Conditions["Service"], never, Scope.Scope> = Effect.flatMap(
    Effect.serviceOption(this),
    Option.match({ onNone: () => make, onSome: Effect.succeed })
  )
}
