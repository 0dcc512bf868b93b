import { describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Arbitrary, Effect, Predicate } from "effect"
import type { ModelSuiteOptions } from "../request/ModelSuite.ts"
import type { TaskBackend } from "./TaskBackend.ts"
import { longest, taskCommands } from "./TaskCommand.ts"
import { compareTasks } from "./TaskComparison.ts"

/** The situations that random sequences must have covered, to be evidence. */
const interesting = [
  "Done",
  "Superseded",
  "Refused",
  "IdempotencyConflict",
  "Appended",
  "Gap",
  "Closed",
  "created",
  "known",
  "Queued",
  "Dispatched",
  "Running",
  "Cancelling",
  "Completed",
  "Failed",
  "Cancelled",
  "redelivered",
  "second attempt",
  "third attempt",
  "queued_expired",
  "dispatch_timeout",
  "runtime_lost",
  "runtime_deleted",
  "daemon_restarted",
  "cancel",
  "stop",
  "unconfirmed",
  "claimed several"
]

/** The names of the situations that an answer of the model shows. */
const namesOf = (answer: unknown): ReadonlyArray<string> => {
  if (Array.isArray(answer)) return answer.flatMap(namesOf)
  if (!Predicate.isObject(answer)) return []
  const { _tag, attempts, confirmed, created, deliveries, order, orphaned, reason, state, task } = answer as Record<
    string,
    unknown
  >
  return [
    ...[_tag, order, reason].filter(Predicate.isString),
    ...(created === true ? ["created"] : created === false ? ["known"] : []),
    ...(Number(deliveries) > 1 ? ["redelivered"] : []),
    ...(confirmed === false ? ["unconfirmed"] : []),
    ...(Array.isArray(attempts)
      ? [...namesOf(attempts), ["", "", "second attempt", "third attempt"][attempts.length]!]
      : []),
    ...[state, task, orphaned].flatMap(namesOf)
  ]
}

const situationsOf = (answer: unknown): ReadonlyArray<string> => [
  ...namesOf(answer),
  ...(Array.isArray(answer) && answer.length > 1 ? ["claimed several"] : [])
]

/** Registers T-10: random sequences of operations and time steps answer as the pure model does. */
export const taskModelSuite = (backend: TaskBackend, options: ModelSuiteOptions = {}): void => {
  const { runs = 1_000 } = options
  describe(`task model · ${backend.name}`, () => {
    it.effect(
      `T-10 ${runs} random sequences answer as the model does`,
      () =>
        Effect.gen(function*() {
          const nodes = yield* backend.nodes
          const met = new Set<string>()
          const checked = yield* Arbitrary.checkEffect(
            taskCommands,
            (commands) =>
              Effect.map(compareTasks(nodes, commands), (seen) => {
                for (const name of seen.flatMap(situationsOf)) met.add(name)
                return true
              }),
            { runs, size: longest, ...options }
          )
          strictEqual(Arbitrary.formatCheckFailure(checked), undefined)
          if (options.replay === undefined) deepStrictEqual(interesting.filter((name) => !met.has(name)), [])
        }),
      // Each step is a round trip: seconds on an idle machine, minutes on a busy one.
      600_000
    )
  })
}
