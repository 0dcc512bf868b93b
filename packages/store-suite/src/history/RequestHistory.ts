import { type Json, type RequestId, RequestId as Id, type RequestKind, type RuntimeId } from "@muster/domain"
import { Clock, Effect, Option, Random } from "effect"
import { TestClock } from "effect/testing"
import { commandKinds } from "../request/Command.ts"
import { asker, completed, failed, freshRuntime, payload, together } from "../request/Fixture.ts"
import type * as Model from "../request/Model.ts"
import type { RequestNode, RequestStoreNodes } from "../request/RequestStoreBackend.ts"
import type { Entry } from "./Linearizable.ts"
import type { RequestOperation } from "./RequestOperation.ts"

export type RequestHistory = ReadonlyArray<Entry<RequestOperation>>

const fibres = 8
const rounds = 4
const perFibre = 2
const runtimeCount = 2

/** How long each pause between rounds may be, in ms: nothing, past a redelivery, past a limit, past a retention. */
const pauses = [0, 1, 20_001, 30_001, 60_001, 180_001]

interface Play {
  readonly runtimes: ReadonlyArray<RuntimeId>
  /** Ids that anybody has seen so far, by runtime. */
  readonly ids: Map<RuntimeId, Array<RequestId>>
  readonly entries: Array<Entry<RequestOperation>>
  /** Events are told apart by their place in line: the clock of a test stands still. */
  tick: number
}

const unused = Id.make("0".repeat(32))

const pickOne = <A>(values: ReadonlyArray<A>) =>
  Effect.map(Random.nextIntBetween(0, values.length, { halfOpen: true }), (i) => values[i]!)

const pickId = (play: Play, runtime: RuntimeId) => {
  const ids = play.ids.get(runtime) ?? []
  return ids.length === 0 ? Effect.succeed(unused) : pickOne(ids.slice(-4))
}

const create = (node: RequestNode, kind: RequestKind, runtimeId: RuntimeId, json: Json) => {
  const input = { kind, runtimeId, payload: json, by: asker }
  return node.create(input).pipe(
    Effect.map((made): Model.Creation => ({ _tag: "Made", ...made })),
    Effect.catchTags({
      RequestConflict: ({ id, text }) => Effect.succeed<Model.Creation>({ _tag: "RequestConflict", id, text }),
      RequestsFull: ({ kind, most }) => Effect.succeed<Model.Creation>({ _tag: "RequestsFull", kind, most })
    }),
    Effect.map((answer) => ({ op: "create" as const, input, answer }))
  )
}

const operations = [
  "create",
  "create",
  "create",
  "claim",
  "claim",
  "claim",
  "settle",
  "settle",
  "get",
  "waiting"
] as const

const one = Effect.fnUntraced(function*(play: Play, node: RequestNode, runtime: RuntimeId) {
  switch (yield* pickOne(operations)) {
    case "create":
      return yield* create(node, yield* pickOne(commandKinds), runtime, payload)
    case "get": {
      const id = yield* pickId(play, runtime)
      return { op: "get" as const, id, answer: Option.getOrUndefined(yield* node.get(runtime, id)) }
    }
    case "waiting":
      return { op: "waiting" as const, answer: yield* node.waiting(runtime) }
    case "claim": {
      const wanted = [{ kind: (yield* pickOne(commandKinds)).name, most: yield* pickOne([1, 1, 2]) }]
      return { op: "claim" as const, wanted, answer: yield* node.claim(runtime, wanted) }
    }
    case "settle": {
      const id = yield* pickId(play, runtime)
      const outcome = yield* pickOne([completed, failed])
      return { op: "settle" as const, id, outcome, answer: yield* node.settle(runtime, id, outcome) }
    }
  }
})

const perform = Effect.fnUntraced(function*(play: Play, node: RequestNode) {
  const runtime = yield* pickOne(play.runtimes)
  const now = yield* Clock.currentTimeMillis
  const called = play.tick++
  const done = yield* one(play, node, runtime)
  play.entries.push({ op: { ...done, now, runtime }, called, returned: play.tick++ })
  if (done.op === "create" && done.answer._tag === "Made") play.ids.get(runtime)!.push(done.answer.request.id)
})

/**
 * What happened when eight fibres on two nodes did random things to few runtimes, some at the same moment; between the
 * rounds time goes by. In the order of the returns.
 */
export const recordHistory = Effect.fnUntraced(function*(nodes: RequestStoreNodes) {
  const runtimes = yield* Effect.forEach(Array.from({ length: runtimeCount }), () => freshRuntime)
  const play: Play = { runtimes, ids: new Map(runtimes.map((id) => [id, []])), entries: [], tick: 0 }
  for (let round = 0; round < rounds; round++) {
    const fibre = (i: number) => Effect.repeat(perform(play, i % 2 === 0 ? nodes.a : nodes.b), { times: perFibre - 1 })
    yield* together(Array.from({ length: fibres }, (_, i) => fibre(i)))
    yield* TestClock.adjust(yield* pickOne(pauses))
  }
  const history: RequestHistory = play.entries
  return history
})
