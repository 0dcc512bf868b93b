import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, it } from "@effect/vitest"
import { deepStrictEqual } from "@effect/vitest/utils"
import { Config, Effect, FileSystem, Option } from "effect"
import type { RequestStoreBackend } from "../request/RequestStoreBackend.ts"
import { linearizable } from "./Linearizable.ts"
import { recordHistory, type RequestHistory } from "./RequestHistory.ts"
import { requestSpecification } from "./RequestOperation.ts"

/** Runtimes do not know of each other, so each one's history is judged for itself. */
const byRuntime = (history: RequestHistory): ReadonlyArray<RequestHistory> => [
  ...Map.groupBy(history, ({ op }) => op.runtime).values()
]

/** The part of a history that no order explains, or undefined. */
export const unexplained = (history: RequestHistory) =>
  byRuntime(history).map((part) => ({ part, verdict: linearizable(requestSpecification, part) }))
    .find(({ verdict }) => !verdict.linearizable)

const line = ({ called, op, returned }: RequestHistory[number]) => {
  const { answer, op: name, ...args } = op
  return JSON.stringify({ op: name, args, called, returned, result: answer ?? null })
}

/** Histories as JSON lines, for checkers of other makes: where MUSTER_HISTORY_OUT names a folder. */
const writeOut = Effect.fnUntraced(
  function*(name: string, histories: ReadonlyArray<RequestHistory>) {
    const folder = yield* Effect.orDie(Config.option(Config.NonEmptyString("MUSTER_HISTORY_OUT")))
    if (Option.isNone(folder)) return
    const fs = yield* FileSystem.FileSystem
    yield* fs.makeDirectory(folder.value, { recursive: true })
    for (const [i, history] of histories.entries()) {
      yield* fs.writeFileString(
        `${folder.value}/${name}-${i}.jsonl`,
        history.map((entry) => `${line(entry)}\n`).join("")
      )
    }
  },
  Effect.orDie,
  Effect.provide(NodeFileSystem.layer)
)

/** How often two operations of one runtime overlapped: without any, a history proves nothing about concurrency. */
const overlaps = (history: RequestHistory) =>
  byRuntime(history).flatMap((part) =>
    part.flatMap((a, i) => part.slice(i + 1).filter((b) => a.called < b.returned && b.called < a.returned))
  ).length

/** Registers R-20's second half: recorded histories of concurrent operations are linearizable. */
export const requestHistorySuite = (
  backend: RequestStoreBackend,
  { concurrent = true, runs = 200 }: { readonly runs?: number; readonly concurrent?: boolean } = {}
): void => {
  describe(`request histories · ${backend.name}`, () => {
    it.effect(`R-20 ${runs} histories of 8 fibres on two nodes are linearizable`, () =>
      Effect.gen(function*() {
        const nodes = yield* backend.nodes
        const histories: Array<RequestHistory> = []
        for (let i = 0; i < runs; i++) {
          const history = yield* recordHistory(nodes)
          histories.push(history)
          const found = unexplained(history)
          if (found !== undefined) yield* writeOut(`${backend.name}-unexplained`, [history])
          deepStrictEqual(found, undefined)
        }
        yield* writeOut(backend.name, histories)
        if (concurrent) deepStrictEqual(histories.reduce((sum, one) => sum + overlaps(one), 0) > runs, true)
      }), 180_000)
  })
}
