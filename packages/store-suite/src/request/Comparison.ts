import { Request, type Runtime } from "@muster/domain"
import { Clock, Data, Effect, Equal, Option } from "effect"
import { TestClock } from "effect/testing"
import { type Command, commandKinds, runtimeCount } from "./Command.ts"
import { asker, completed, failed, freshRuntime, payload } from "./Fixture.ts"
import * as Model from "./Model.ts"
import type { RequestNode, RequestStoreNodes } from "./RequestStoreBackend.ts"

/** The store's answer differs from the model's. */
class Divergence extends Data.TaggedError("Divergence")<{
  /** The place in the sequence; its length: the read of every record at the end. */
  readonly step: number
  readonly expected: unknown
  readonly actual: unknown
}> {}

/** One sequence in progress: its runtimes, the requests made, and the model so far. */
interface Play {
  readonly nodes: RequestStoreNodes
  readonly runtimes: ReadonlyArray<Runtime.RuntimeId>
  readonly made: Array<Pick<Request.Request, "id" | "runtimeId">>
  model: Model.Model
}

interface Answers {
  readonly expected: unknown
  readonly actual: unknown
}

const unusedId = Request.RequestId.make("0".repeat(32))

const create = Effect.fnUntraced(function*(play: Play, node: RequestNode, command: Command & { _tag: "Create" }) {
  const input = { kind: commandKinds[command.kind]!, runtimeId: play.runtimes[command.runtime]!, payload, by: asker }
  const actual = yield* node.create(input).pipe(
    Effect.map((made): Model.Creation => ({ _tag: "Made", ...made })),
    Effect.catchTags({
      RequestConflict: ({ id, text }) => Effect.succeed<Model.Creation>({ _tag: "RequestConflict", id, text }),
      RequestsFull: ({ kind, max }) => Effect.succeed<Model.Creation>({ _tag: "RequestsFull", kind, max })
    })
  )
  // The store chooses the id of what it makes; no two records may share one.
  const isNew = actual._tag === "Made" && actual.created && play.made.every(({ id }) => id !== actual.request.id)
  const id: Request.RequestId = isNew ? actual.request.id : unusedId
  if (isNew) play.made.push({ id, runtimeId: input.runtimeId })
  const { answer: expected, model } = Model.create(play.model, input, id, yield* Clock.currentTimeMillis)
  play.model = model
  return { expected, actual }
})

/** The request of a command, or an unknown one. */
const pick = (
  { made, runtimes }: Play,
  { foreign, made: back }: { readonly made: number; readonly foreign: boolean }
) => {
  const { id, runtimeId } = made.at(-1 - back) ?? { id: unusedId, runtimeId: runtimes[0]! }
  return { id, runtime: foreign ? runtimes.find((other) => other !== runtimeId)! : runtimeId }
}

const get = Effect.fnUntraced(
  function*(play: Play, node: RequestNode, runtime: Runtime.RuntimeId, id: Request.RequestId) {
    const actual = Option.getOrUndefined(yield* node.get(runtime, id))
    const { answer: expected, model } = Model.get(play.model, runtime, id, yield* Clock.currentTimeMillis)
    play.model = model
    return { expected, actual }
  }
)

const endOf = (request: Request.Request, moment: "limit" | "redelivery" | "retention"): number | null => {
  if (moment === "limit") return Request.deadlineOf(request)
  if (moment === "retention") return Request.expiryOf(request)
  const { state, terms } = request
  return state._tag === "Running" ? state.deliveredAt + terms.redeliverAfter : null
}

const passTo = Effect.fnUntraced(function*(play: Play, command: Command & { _tag: "PassTo" }) {
  const id = play.made.at(-1 - command.made)?.id
  const request = play.model.find((request) => request.id === id)
  const end = request === undefined ? null : endOf(request, command.moment)
  const now = yield* Clock.currentTimeMillis
  if (end !== null) yield* TestClock.setTime(Math.max(now, command.past ? end + 1 : end))
})

const none: Answers = { expected: undefined, actual: undefined }

const perform = Effect.fnUntraced(function*(play: Play, command: Command) {
  switch (command._tag) {
    case "Create":
      return yield* create(play, play.nodes[command.node], command)
    case "Get": {
      const { id, runtime } = pick(play, command)
      return yield* get(play, play.nodes[command.node], runtime, id)
    }
    case "Waiting": {
      const runtime = play.runtimes[command.runtime]!
      const actual = yield* play.nodes[command.node].waiting(runtime)
      const needed = Model.claimable(play.model, runtime, yield* Clock.currentTimeMillis)
      return { expected: [], actual: needed.filter((kind) => !actual.includes(kind)) }
    }
    case "Claim": {
      const runtime = play.runtimes[command.runtime]!
      const wanted = command.wanted.map(([kind, max]) => ({ kind: commandKinds[kind]!.name, max }))
      const actual = yield* play.nodes[command.node].claim(runtime, wanted)
      const { answer: expected, model } = Model.take(play.model, runtime, wanted, yield* Clock.currentTimeMillis)
      play.model = model
      return { expected, actual }
    }
    case "Settle": {
      const { id, runtime } = pick(play, command)
      const outcome = command.completes ? completed : failed
      const actual = yield* play.nodes[command.node].settle(runtime, id, outcome)
      const now = yield* Clock.currentTimeMillis
      const { answer: expected, model } = Model.report(play.model, runtime, id, outcome, now)
      play.model = model
      return { expected, actual }
    }
    case "Pass":
      yield* TestClock.adjust(command.ms)
      return none
    case "PassTo":
      yield* passTo(play, command)
      return none
  }
})

/**
 * Runs the commands on the store and on the model and compares every answer; at the end also every record, on both
 * nodes. Returns the model's observations; fails with the first difference.
 */
export const compare = Effect.fnUntraced(function*(nodes: RequestStoreNodes, commands: ReadonlyArray<Command>) {
  const runtimes = yield* Effect.forEach(Array.from({ length: runtimeCount }), () => freshRuntime)
  const play: Play = { nodes, runtimes, made: [], model: Model.empty }
  const seen: Array<unknown> = []
  const check = (step: number, { actual, expected }: Answers) => {
    seen.push(expected)
    return Equal.equals(actual, expected) ? Effect.void : new Divergence({ step, expected, actual })
  }
  for (const [step, command] of commands.entries()) yield* check(step, yield* perform(play, command))
  for (const { id, runtimeId } of play.made) {
    yield* check(commands.length, yield* get(play, nodes.a, runtimeId, id))
    yield* check(commands.length, yield* get(play, nodes.b, runtimeId, id))
  }
  return seen
})
