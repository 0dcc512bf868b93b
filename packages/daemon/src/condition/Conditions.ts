import { Clock, Context, Effect, Layer } from "effect"

/** How often a condition that lasts, or comes and goes, is spoken of at most, in ms. */
const repeatAfter = 10 * 60_000

/** The most conditions remembered at a time; the one begun longest ago makes room. */
const most = 1_000

interface Condition {
  open: boolean
  /** What is wrong, in the words of the latest occurrence. */
  text: string
  since: number
  /** Occurrences since the last line about it. */
  count: number
  /** When the last line about its presence was written; null: never. */
  spokenAt: number | null
  /** Too young to be spoken of, or explained by another one. */
  quiet: boolean
  /** Whether the log has its beginning but not its end. */
  announced: boolean
}

export interface Occurrence {
  /** Nothing is said before the condition has lasted this long, in ms. Default 0. */
  readonly grace?: number
  /** Nothing is said while this other condition lasts: it is the reason. */
  readonly because?: string
}

/**
 * What is wrong at present, by key. One condition makes one log line when it begins, one when it ends, and one each
 * 10 min between, with a count; one that flickers makes no more than that.
 */
export class Conditions extends Context.Service<Conditions, {
  /** It is so (again). `text`: one sentence for people, without any secret. */
  readonly begin: (key: string, text: string, occurrence?: Occurrence) => Effect.Effect<void>
  /** It is so no longer. Nothing happens where it was not so. */
  readonly end: (key: string, text: string) => Effect.Effect<void>
  /** What it was about is no more: nothing is said. */
  readonly forget: (key: string) => Effect.Effect<void>
  /** The sentence of the condition that has lasted longest, or null where all is well. */
  readonly worst: Effect.Effect<string | null>
}>()("@muster/daemon/condition/Conditions") {
  static readonly layer = Layer.sync(this, () => {
    const conditions = new Map<string, Condition>()
    const isOpen = (key: string | undefined) => key !== undefined && conditions.get(key)?.open === true

    const find = (key: string, now: number): Condition => {
      const known = conditions.get(key)
      if (known !== undefined) return known
      if (conditions.size >= most) conditions.delete(conditions.keys().next().value!)
      const made = { open: false, text: "", since: now, count: 0, spokenAt: null, quiet: false, announced: false }
      conditions.set(key, made)
      return made
    }

    const begin = Effect.fnUntraced(function*(key: string, text: string, occurrence?: Occurrence) {
      const now = yield* Clock.currentTimeMillis
      const condition = find(key, now)
      if (!condition.open) condition.since = now
      condition.open = true
      condition.text = text
      condition.count++
      condition.quiet = now - condition.since < (occurrence?.grace ?? 0) || isOpen(occurrence?.because)
      if (condition.quiet) return
      if (condition.spokenAt !== null && now - condition.spokenAt < repeatAfter) return
      const times = condition.count > 1 ? ` (${condition.count} times so far)` : ""
      Object.assign(condition, { spokenAt: now, announced: true, count: 0 })
      yield* Effect.logWarning(`${text}${times}`)
    })

    const end = Effect.fnUntraced(function*(key: string, text: string) {
      const condition = conditions.get(key)
      if (condition === undefined || !condition.open) return
      condition.open = false
      if (!condition.announced) return
      condition.announced = false
      const seconds = Math.round(((yield* Clock.currentTimeMillis) - condition.since) / 1_000)
      const times = condition.count > 0 ? `, ${condition.count} times since the last line` : ""
      condition.count = 0
      yield* Effect.logInfo(`${text} (after ${seconds} s${times})`)
    })

    const worst = Effect.sync(() => {
      const open = [...conditions.values()].filter(({ open, quiet }) => open && !quiet)
      return open.length === 0 ? null : open.reduce((a, b) => b.since < a.since ? b : a).text
    })

    const forget = (key: string) => Effect.sync(() => void conditions.delete(key))

    return Conditions.of({ begin, end, forget, worst })
  })
}
