import { describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Effect, Random } from "effect"
import type { RequestStoreBackend, RequestStoreNodes } from "../request/RequestStoreBackend.ts"
import { historyCount, historySeed, writeHistories } from "./HistoryFiles.ts"
import { linearizable } from "./Linearizable.ts"
import { type Disturbance, recordHistory } from "./RequestHistory.ts"
import { type RequestHistory, requestSpecification } from "./RequestOperation.ts"

/** Runtimes are independent, so each one's history is checked separately. */
const byRuntime = (history: RequestHistory): ReadonlyArray<RequestHistory> => [
  ...Map.groupBy(history, ({ op }) => op.runtime).values()
]

/** The part of a history that no order explains, or undefined. */
export const unexplained = (history: RequestHistory) =>
  byRuntime(history).map((part) => ({ part, verdict: linearizable(requestSpecification(part), part) }))
    .find(({ verdict }) => !verdict.linearizable)

/** How often two operations of one runtime overlapped: without any, a history proves nothing about concurrency. */
const overlaps = (history: RequestHistory) =>
  byRuntime(history).flatMap((part) =>
    part.flatMap((a, i) => part.slice(i + 1).filter((b) => a.called < b.returned && b.called < a.returned))
  ).length

/**
 * Records this many histories, checks each, and writes them if MUSTER_HISTORY_OUT is set. Random values come from the
 * seed and the number of the history; one that no order explains is written too.
 */
export const checkedHistories = Effect.fnUntraced(function*(
  name: string,
  nodes: Pick<RequestStoreNodes, "a" | "b">,
  runs: number,
  disturbance?: Disturbance
) {
  const histories: Array<RequestHistory> = []
  for (let i = 0; i < runs; i++) {
    const history = yield* recordHistory(nodes, disturbance).pipe(Random.withSeed(`${historySeed} ${name} ${i}`))
    histories.push(history)
    const found = unexplained(history)
    if (found !== undefined) yield* writeHistories(`${name}-unexplained`, [history])
    deepStrictEqual(found, undefined)
  }
  yield* writeHistories(name, histories)
  return histories
})

/** Registers R-20's second half: recorded histories of concurrent operations are linearizable. */
export const requestHistorySuite = (
  backend: RequestStoreBackend,
  { concurrent = true, runs = historyCount }: { readonly runs?: number; readonly concurrent?: boolean } = {}
): void => {
  describe(`request histories · ${backend.name}`, () => {
    it.effect(`R-20 ${runs} histories of 8 fibers on two nodes are linearizable`, () =>
      Effect.gen(function*() {
        const histories = yield* checkedHistories(backend.name, yield* backend.nodes, runs)
        if (concurrent) deepStrictEqual(histories.reduce((sum, one) => sum + overlaps(one), 0) > runs, true)
      }), Math.max(180_000, runs * 1_000))
  })
}
