import { Clock, Context, Effect, Layer, Option, Ref, Schedule, Scope } from "effect"
import { type Condition, finish, type Line, look, occur, type Occurrence } from "./Condition.ts"

/** How often lapsed conditions are looked for, in ms. */
const lookEvery = 60_000

/** The maximum number of conditions; one more replaces the oldest. */
const maxConditions = 1_000

/** The conditions, by key, the oldest first. */
type All = ReadonlyMap<string, Condition>

const isOpenIn = (all: All, key: string): boolean =>
  key.endsWith(":")
    ? all.entries().some(([one, { open }]) => open && one.startsWith(key))
    : all.get(key)?.open === true

const withCondition = (all: All, key: string, condition: Condition): All => {
  const next = new Map(all).set(key, condition)
  if (next.size > maxConditions) next.delete(next.keys().next().value!)
  return next
}

const without = (all: All, key: string): All => {
  const next = new Map(all)
  return next.delete(key) ? next : all
}

const occurIn = (all: All, key: string, now: number, text: string, occurrence: Occurrence) => {
  const explained = occurrence.because !== undefined && isOpenIn(all, occurrence.because)
  const [line, next] = occur(all.get(key), now, text, occurrence, explained)
  return [line, withCondition(all, key, next)] as const
}

const finishIn = (all: All, key: string, now: number, text: string) => {
  const known = all.get(key)
  if (known === undefined || !known.open) return [undefined, all] as const
  const [line, next] = finish(known, now, text)
  return [line, withCondition(all, key, next)] as const
}

const lookIn = (all: All, now: number) => {
  const lines: Array<Line> = []
  const next = new Map<string, Condition>()
  for (const [key, condition] of all) {
    const [line, after] = look(condition, now)
    if (line !== undefined) lines.push(line)
    if (after !== undefined) next.set(key, after)
  }
  return [lines, next] as const
}

/** Returns the text of the open condition that has lasted longest, or null if there is none. */
const worstOf = (all: All): string | null => {
  const open = [...all.values()].filter(({ open, quiet }) => open && !quiet)
  return open.length === 0 ? null : open.reduce((a, b) => b.since < a.since ? b : a).text
}

const write = (line: Line | undefined): Effect.Effect<void> => {
  if (line === undefined) return Effect.void
  const { annotations, level, text } = line
  const written = Effect.logWithLevel(level)(text)
  return annotations === undefined ? written : Effect.annotateLogs(written, { ...annotations })
}

const make = Effect.gen(function*() {
  const scope = yield* Scope.Scope
  const all = yield* Ref.make<All>(new Map())
  const looking = yield* Ref.make(false)

  /** Ends what has not occurred for 10 min. */
  const lookForLapsed = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    yield* Effect.forEach(yield* Ref.modify(all, (state) => lookIn(state, now)), write, { discard: true })
  })

  /** Starts looking for lapsed conditions, once. */
  const keepLooking = Effect.flatMap(Ref.getAndSet(looking, true), (already) =>
    already
      ? Effect.void
      : Effect.asVoid(Effect.forkIn(Effect.schedule(lookForLapsed, Schedule.spaced(lookEvery)), scope)))

  const begin = Effect.fnUntraced(function*(key: string, text: string, occurrence: Occurrence = {}) {
    const now = yield* Clock.currentTimeMillis
    const line = yield* Ref.modify(all, (state) => occurIn(state, key, now, text, occurrence))
    if (occurrence.lapse !== undefined) yield* keepLooking
    yield* write(line)
  })

  const end = Effect.fnUntraced(function*(key: string, text: string) {
    const known = (yield* Ref.get(all)).get(key)
    if (known === undefined || !known.open) return
    const now = yield* Clock.currentTimeMillis
    yield* write(yield* Ref.modify(all, (state) => finishIn(state, key, now, text)))
    if (known.announced && known.flickers) yield* keepLooking
  })

  return Conditions.of({
    begin,
    end,
    forget: (key) => Ref.update(all, (state) => without(state, key)),
    isAnnounced: (key) => {
      const known = Ref.getUnsafe(all).get(key)
      return known?.open === true && known.announced
    },
    isOpen: (key) => isOpenIn(Ref.getUnsafe(all), key),
    worst: Effect.map(Ref.get(all), worstOf)
  })
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
