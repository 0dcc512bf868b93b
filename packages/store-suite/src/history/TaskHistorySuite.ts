import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual } from "@effect/vitest/utils"
import { Effect, Random } from "effect"
import type { TaskBackend } from "../task/TaskBackend.ts"
import { historyCount, historySeed, writeHistories } from "./HistoryFiles.ts"
import { linearizable } from "./Linearizable.ts"
import { recordTaskHistory } from "./TaskHistory.ts"
import { byTask, type TaskHistory } from "./TaskOperation.ts"

/** The part of a history that no order explains, or undefined. */
export const unexplainedTask = (history: TaskHistory) =>
  byTask(history).map(({ part, specification }) => ({ part, verdict: linearizable(specification, part) }))
    .find(({ verdict }) => !verdict.linearizable)

/** How often two operations of one task overlapped: without any, a history proves nothing about concurrency. */
const overlaps = (history: TaskHistory) =>
  byTask(history).flatMap(({ part }) =>
    part.flatMap((a, i) => part.slice(i + 1).filter((b) => a.called < b.returned && b.called < a.returned))
  ).length

/** Records this many histories, checks each, and writes them if MUSTER_HISTORY_OUT is set. */
const checkedHistories = Effect.fnUntraced(function*(backend: TaskBackend, runs: number) {
  const nodes = yield* backend.nodes
  const histories: Array<TaskHistory> = []
  for (let i = 0; i < runs; i++) {
    const history = yield* recordTaskHistory(nodes).pipe(Random.withSeed(`${historySeed} tasks ${backend.name} ${i}`))
    histories.push(history)
    const found = unexplainedTask(history)
    if (found !== undefined) yield* writeHistories(`tasks-${backend.name}-unexplained`, [history])
    deepStrictEqual(found, undefined)
  }
  yield* writeHistories(`tasks-${backend.name}`, histories)
  return histories
})

/** Registers T-11: recorded histories of concurrent operations are linearizable per task. */
export const taskHistorySuite = (
  backend: TaskBackend,
  { concurrent = true, runs = historyCount }: { readonly runs?: number; readonly concurrent?: boolean } = {}
): void => {
  describe(`task histories · ${backend.name}`, () => {
    it.effect(
      `T-11 ${runs} histories of 8 fibers on two nodes are linearizable per task`,
      () =>
        Effect.gen(function*() {
          const histories = yield* checkedHistories(backend, runs)
          if (concurrent) assertTrue(histories.reduce((sum, one) => sum + overlaps(one), 0) > runs)
        }),
      Math.max(180_000, runs * 1_000)
    )
  })
}
