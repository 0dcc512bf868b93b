import { describe, it } from "@effect/vitest"
import { assertUndefined, deepStrictEqual } from "@effect/vitest/utils"
import type { Request } from "@muster/domain"
import { Arbitrary, Effect, Predicate } from "effect"
import { commandSequence, longest } from "./Command.ts"
import { compare } from "./Comparison.ts"
import type { RequestStoreBackend } from "./RequestStoreBackend.ts"

/** The situations that random sequences must have covered, to be evidence. */
const interesting = [
  "RequestConflict",
  "RequestsFull",
  "Absent",
  "Settled",
  "AlreadySettled",
  "coalesced",
  "created",
  "absent record",
  "pending timeout",
  "running timeout",
  "redelivered",
  "claimed several"
]

const stateOf = (state: Request.RequestState): ReadonlyArray<string> => {
  if (state._tag === "TimedOut") return [state.startedAt === null ? "pending timeout" : "running timeout"]
  return state._tag === "Running" && state.deliveries > 1 ? ["redelivered"] : []
}

/** The names of the situations that an answer of the model shows. */
const namesOf = (answer: unknown): ReadonlyArray<string> => {
  if (answer === undefined) return ["absent record"]
  if (Array.isArray(answer)) return [...answer.flatMap(namesOf), ...(answer.length > 1 ? ["claimed several"] : [])]
  if (!Predicate.isObject(answer)) return []
  const { _tag, created, request, state } = answer as Record<string, unknown>
  return [
    ...(Predicate.isString(_tag) ? [_tag] : []),
    ...(created === true ? ["created"] : created === false ? ["coalesced"] : []),
    ...(request === undefined ? [] : namesOf(request)),
    ...(state === undefined ? [] : stateOf(state as Request.RequestState))
  ]
}

export interface ModelSuiteOptions {
  /** How many sequences: 1,000 by default, and at least 200, or they need not cover every situation. */
  readonly runs?: number
  /** The token that a failure printed: runs that sequence again. */
  readonly replay?: Arbitrary.Replay
}

/** Registers R-20: random sequences of operations and time steps answer as the pure model does. */
export const requestModelSuite = (backend: RequestStoreBackend, options: ModelSuiteOptions = {}): void => {
  const { runs = 1_000 } = options
  describe(`request model · ${backend.name}`, () => {
    it.effect(
      `R-20 ${runs} random sequences answer as the model does`,
      () =>
        Effect.gen(function*() {
          const nodes = yield* backend.nodes
          const met = new Set<string>()
          const result = yield* Arbitrary.checkEffect(
            commandSequence,
            (commands) =>
              Effect.map(compare(nodes, commands), (seen) => {
                for (const name of seen.flatMap(namesOf)) met.add(name)
                return true
              }),
            { runs, size: longest, ...options }
          )
          assertUndefined(Arbitrary.formatCheckFailure(result))
          if (options.replay === undefined) deepStrictEqual(interesting.filter((name) => !met.has(name)), [])
        }),
      // Each step is a round trip: seconds on an idle machine, minutes on a busy one.
      600_000
    )
  })
}
