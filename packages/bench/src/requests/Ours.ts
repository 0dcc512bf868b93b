import { Kinds, RequestStore, Runtime } from "@muster/domain"
import { Effect, Option } from "effect"
import { randomUUID } from "node:crypto"
import type { Contender } from "./Contender.ts"

const wanted = [{ kind: Kinds.ModelList.name, max: 1 }]
const outcome = {
  _tag: "Completed",
  result: { models: [{ id: "bench/model", label: "Bench" }], supported: true }
} as const

/** The number of store operations of one cycle, in sequence. */
export const operationsPerCycle = 4

/** create → claim → settle → get on the current request store; each lane has a runtime of its own. */
export const ours = (name: string) =>
  Effect.map(RequestStore.RequestStore, (store): Contender => {
    const runtimes = new Map<number, Runtime.RuntimeId>()
    const runtimeOf = (lane: number) => {
      const runtime = runtimes.get(lane) ?? Runtime.RuntimeId.make(randomUUID())
      runtimes.set(lane, runtime)
      return runtime
    }
    const cycle = Effect.fnUntraced(function*(runtimeId: Runtime.RuntimeId) {
      const { request } = yield* store.create({ kind: Kinds.ModelList, runtimeId, payload: {}, by: null })
      const [claimed] = yield* store.claim(runtimeId, wanted)
      yield* store.settle(runtimeId, claimed!.id, outcome)
      const found = yield* store.get(runtimeId, request.id)
      if (Option.isNone(found) || found.value.state._tag !== "Completed") return yield* Effect.die("not completed")
    })
    return { name, cycle: (lane) => Effect.runPromise(cycle(runtimeOf(lane))) }
  })
