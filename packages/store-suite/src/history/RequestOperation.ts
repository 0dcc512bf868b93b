import type { NewRequest, Outcome, Request, RequestId, RuntimeId, Settled, Wanted } from "@muster/domain"
import { RequestId as Id } from "@muster/domain"
import { Equal } from "effect"
import * as Model from "../request/Model.ts"
import { type Entry, type Specification, unheard } from "./Linearizable.ts"

/**
 * One operation on a request store with its answer; without one where nobody heard it. What only looks is nothing then,
 * and is left out. `now`: what the clock said, in epoch ms, from call to return.
 */
export type RequestOperation =
  & { readonly now: number; readonly runtime: RuntimeId }
  & (
    | { readonly op: "create"; readonly input: NewRequest; readonly answer?: Model.Creation }
    | { readonly op: "get"; readonly id: RequestId; readonly answer: Request | undefined }
    | { readonly op: "waiting"; readonly answer: ReadonlyArray<string> }
    | { readonly op: "claim"; readonly wanted: ReadonlyArray<Wanted>; readonly answer?: ReadonlyArray<Request> }
    | { readonly op: "settle"; readonly id: RequestId; readonly outcome: Outcome; readonly answer?: Settled }
  )

export type RequestHistory = ReadonlyArray<Entry<RequestOperation>>

const unused = Id.make("0".repeat(32))

/** The model's answer and its state after it, for one operation. */
const expected = (model: Model.Model, operation: RequestOperation): Model.Step<unknown> => {
  const { now, runtime } = operation
  switch (operation.op) {
    case "create": {
      const { answer, input } = operation
      const id = answer?._tag === "Made" && answer.created ? answer.request.id : unused
      return Model.create(model, input, id, now)
    }
    case "get":
      return Model.get(model, runtime, operation.id, now)
    case "waiting": {
      const needed = Model.claimable(model, runtime, now)
      // A kind too many is allowed, one too few is not.
      const told = needed.every((kind) => operation.answer.includes(kind))
      return { model, answer: told ? operation.answer : needed }
    }
    case "claim":
      return Model.take(model, runtime, operation.wanted, now)
    case "settle":
      return Model.report(model, runtime, operation.id, operation.outcome, now)
  }
}

/** A request that somebody met. Who is told of a conflict hears its id alone. */
interface Met {
  readonly id: RequestId
  readonly kind: string
  readonly createdAt?: number
}

const metBy = (operation: RequestOperation): ReadonlyArray<Met> => {
  switch (operation.op) {
    case "create": {
      const { answer, input } = operation
      if (answer?._tag === "RequestConflict") return [{ id: answer.id, kind: input.kind.name }]
      return answer?._tag === "Made" ? [answer.request] : []
    }
    case "get":
      return operation.answer === undefined ? [] : [operation.answer]
    case "claim":
      return operation.answer ?? []
    case "settle":
      return operation.answer === undefined || operation.answer._tag === "Absent" ? [] : [operation.answer.request]
    case "waiting":
      return []
  }
}

/** Requests that somebody met although nobody was told of their making. */
const foundlings = (history: RequestHistory): ReadonlyArray<Met> => {
  const found = new Map<RequestId, Met>()
  for (const met of history.flatMap(({ op }) => metBy(op))) {
    found.set(met.id, { ...found.get(met.id), ...met })
  }
  for (const { op } of history) {
    if (op.op === "create" && op.answer?._tag === "Made" && op.answer.created) found.delete(op.answer.request.id)
  }
  return [...found.values()]
}

/** An id that no request of the model has. */
const freeId = (model: Model.Model): RequestId => {
  const taken = new Set(model.map(({ id }) => id))
  for (let i = 1;; i++) {
    const id = Id.make(i.toString(16).padStart(32, "0"))
    if (!taken.has(id)) return id
  }
}

/** A request store as the pure model has it: what this history of one runtime is checked against. */
export const requestSpecification = (history: RequestHistory): Specification<Model.Model, RequestOperation> => {
  const strangers = foundlings(history)
  const silent = new Set(history.filter(({ returned }) => returned === unheard).map(({ op }) => op))

  /** Which ids a request may have got whose making nobody was told of: that of one met later, or one never met. */
  const idsFor = (model: Model.Model, { kind }: NewRequest, now: number): ReadonlyArray<RequestId> => [
    ...strangers.filter((met) =>
      met.kind === kind.name && (met.createdAt ?? now) === now && !model.some(({ id }) => id === met.id)
    ).map(({ id }) => id),
    freeId(model)
  ]

  return {
    init: Model.empty,
    step: (model, operation) => {
      if (silent.has(operation)) {
        if (operation.op !== "create") return [expected(model, operation).model]
        const { input, now } = operation
        return idsFor(model, input, now).map((id) => Model.create(model, input, id, now).model)
      }
      const { answer, model: after } = expected(model, operation)
      return Equal.equals(answer, operation.answer) ? [after] : []
    },
    key: (model) => model.map(({ id, state }) => `${id}${JSON.stringify(state)}`).join()
  }
}
