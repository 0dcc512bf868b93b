import { Request, type RequestKind, type Runtime, type Store } from "@muster/domain"
import { Clock, Effect, Fiber, Option, Random } from "effect"
import { TestClock } from "effect/testing"
import { commandKinds } from "../request/Command.ts"
import { asker, completed, failed, freshRuntime, payload, together } from "../request/Fixture.ts"
import type * as Model from "../request/Model.ts"
import type { RequestNode, RequestStoreNodes } from "../request/RequestStoreBackend.ts"
import { type Entry, unheard } from "./Linearizable.ts"
import type { Losses, RequestHistory, RequestOperation } from "./RequestOperation.ts"

const fibres = 8
const rounds = 4
const perFibre = 2
const runtimeCount = 2
/** The disturbed round: there is a history before it, and one after. */
const disturbedRound = 1

/** The maximum pause between rounds, in ms: nothing, past a redelivery, past a limit, past a retention. */
const pauses = [0, 1, 20_001, 30_001, 60_001, 180_001]

interface Play {
  readonly runtimes: ReadonlyArray<Runtime.RuntimeId>
  /** The ids observed so far, by runtime. */
  readonly ids: Map<Runtime.RuntimeId, Array<Request.RequestId>>
  readonly entries: Array<Entry<RequestOperation>>
  /** Events are ordered by their place: a test's clock does not move. */
  tick: number
  /** Whether the store may be unavailable now. */
  disturbed: boolean
  /** Whether a lagging server may answer reads: they prove nothing then. */
  stale: boolean
}

/** The disturbance in the middle of a round, and what makes the backend answer both nodes again before the next. */
export interface Disturbance {
  readonly during: Effect.Effect<void, unknown>
  readonly after: Effect.Effect<void, unknown>
  /** What the backend may lose through it after acknowledging it; nothing by default. */
  readonly losses?: Losses
}

type Bare<Operation> = Operation extends unknown ? Omit<Operation, "now" | "runtime"> : never

/** An operation about to be performed; `asked`: how it is recorded without an answer. */
interface Turn {
  readonly asked: Bare<RequestOperation> | undefined
  readonly perform: Effect.Effect<Bare<RequestOperation>, Store.StoreUnavailable>
}

const unused = Request.RequestId.make("0".repeat(32))

const pickOne = <A>(values: ReadonlyArray<A>) =>
  Effect.map(Random.nextIntBetween(0, values.length, { halfOpen: true }), (i) => values[i]!)

const pickId = (play: Play, runtime: Runtime.RuntimeId) => {
  const ids = play.ids.get(runtime) ?? []
  return ids.length === 0 ? Effect.succeed(unused) : pickOne(ids.slice(-4))
}

const create = (
  node: RequestNode,
  kind: RequestKind.RequestKind,
  runtimeId: Runtime.RuntimeId,
  json: Request.Json
): Turn => {
  const asked = { op: "create" as const, input: { kind, runtimeId, payload: json, by: asker } }
  const perform = node.create(asked.input).pipe(
    Effect.map((made): Model.Creation => ({ _tag: "Made", ...made })),
    Effect.catchTags({
      RequestConflict: ({ id, text }) => Effect.succeed<Model.Creation>({ _tag: "RequestConflict", id, text }),
      RequestsFull: ({ kind, max }) => Effect.succeed<Model.Creation>({ _tag: "RequestsFull", kind, max })
    }),
    Effect.map((answer) => ({ ...asked, answer }))
  )
  return { asked, perform }
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

const draw = Effect.fnUntraced(function*(play: Play, node: RequestNode, runtime: Runtime.RuntimeId) {
  switch (yield* pickOne(operations)) {
    case "create":
      return create(node, yield* pickOne(commandKinds), runtime, payload)
    case "get": {
      const id = yield* pickId(play, runtime)
      const perform = Effect.map(node.get(runtime, id), (found) => ({
        op: "get" as const,
        id,
        answer: Option.getOrUndefined(found)
      }))
      return { asked: undefined, perform } satisfies Turn
    }
    case "waiting": {
      const perform = Effect.map(node.waiting(runtime), (answer) => ({ op: "waiting" as const, answer }))
      return { asked: undefined, perform } satisfies Turn
    }
    case "claim": {
      const wanted = [{ kind: (yield* pickOne(commandKinds)).name, max: yield* pickOne([1, 1, 2]) }]
      const asked = { op: "claim" as const, wanted }
      const perform = Effect.map(node.claim(runtime, wanted), (answer) => ({ ...asked, answer }))
      return { asked, perform } satisfies Turn
    }
    case "settle": {
      const id = yield* pickId(play, runtime)
      const asked = { op: "settle" as const, id, outcome: yield* pickOne([completed, failed]) }
      const perform = Effect.map(node.settle(runtime, id, asked.outcome), (answer) => ({ ...asked, answer }))
      return { asked, perform } satisfies Turn
    }
  }
})

/** The requests known at this moment. */
const heardOf = (done: Bare<RequestOperation>): ReadonlyArray<Request.RequestId> => {
  if (done.op === "claim") return done.answer?.map(({ id }) => id) ?? []
  return done.op === "create" && done.answer?._tag === "Made" ? [done.answer.request.id] : []
}

const perform = Effect.fnUntraced(function*(play: Play, node: RequestNode) {
  const runtime = yield* pickOne(play.runtimes)
  const now = yield* Clock.currentTimeMillis
  const turn: Turn = yield* draw(play, node, runtime)
  const called = play.tick++
  const done = yield* Effect.catchIf(
    turn.perform,
    () => play.disturbed,
    () => Effect.undefined
  )
  const op = done ?? turn.asked
  if (op === undefined || (play.stale && (op.op === "get" || op.op === "waiting"))) return
  const returned = done === undefined ? unheard : play.tick++
  play.entries.push({ op: { ...op, now, runtime } as RequestOperation, called, returned })
  const ids = play.ids.get(runtime)!
  if (done !== undefined) ids.push(...heardOf(done).filter((id) => !ids.includes(id)))
})

/**
 * The history of eight fibers on two nodes doing random operations on few runtimes, some concurrently, with time
 * between the rounds. In the order of the returns. In the middle of one round the backend may be disturbed.
 */
export const recordHistory = Effect.fnUntraced(function*(
  nodes: Pick<RequestStoreNodes, "a" | "b">,
  disturbance?: Disturbance
) {
  const runtimes = yield* Effect.forEach(Array.from({ length: runtimeCount }), () => freshRuntime)
  const play: Play = {
    runtimes,
    ids: new Map(runtimes.map((id) => [id, []])),
    entries: [],
    tick: 0,
    disturbed: false,
    stale: false
  }
  for (let round = 0; round < rounds; round++) {
    const fibre = (i: number) => Effect.repeat(perform(play, i % 2 === 0 ? nodes.a : nodes.b), { times: perFibre - 1 })
    const all = together(Array.from({ length: fibres }, (_, i) => fibre(i)))
    const isDisturbed = disturbance !== undefined && round === disturbedRound
    Object.assign(play, { disturbed: isDisturbed, stale: isDisturbed && disturbance.losses === "tail" })
    if (isDisturbed) {
      const [called, now] = [play.tick++, yield* Clock.currentTimeMillis]
      const during = yield* Effect.forkChild(disturbance.during, { startImmediately: true })
      yield* all
      yield* Fiber.join(during)
      yield* disturbance.after
      if (disturbance.losses !== undefined) {
        const returned = play.tick++
        for (const runtime of runtimes) {
          play.entries.push({ op: { op: "lose", losses: disturbance.losses, now, runtime }, called, returned })
        }
      }
    } else {
      yield* all
    }
    yield* TestClock.adjust(yield* pickOne(pauses))
  }
  const history: RequestHistory = play.entries
  return history
})
