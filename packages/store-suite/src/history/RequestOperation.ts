import type { NewRequest, Outcome, Request, RequestId, RuntimeId, Settled, Wanted } from "@muster/domain"
import { RequestId as Id } from "@muster/domain"
import { Equal } from "effect"
import * as Model from "../request/Model.ts"
import type { Specification } from "./Linearizable.ts"

/** One operation on a request store with its answer. `now`: what the clock said, in epoch ms, from call to return. */
export type RequestOperation =
  & { readonly now: number; readonly runtime: RuntimeId }
  & (
    | { readonly op: "create"; readonly input: NewRequest; readonly answer: Model.Creation }
    | { readonly op: "get"; readonly id: RequestId; readonly answer: Request | undefined }
    | { readonly op: "waiting"; readonly answer: ReadonlyArray<string> }
    | { readonly op: "claim"; readonly wanted: ReadonlyArray<Wanted>; readonly answer: ReadonlyArray<Request> }
    | { readonly op: "settle"; readonly id: RequestId; readonly outcome: Outcome; readonly answer: Settled }
  )

const unused = Id.make("0".repeat(32))

/** The model's answer and its state after it, for one operation. */
const expected = (model: Model.Model, operation: RequestOperation): Model.Step<unknown> => {
  const { now, runtime } = operation
  switch (operation.op) {
    case "create": {
      const { answer, input } = operation
      const id = answer._tag === "Made" && answer.created ? answer.request.id : unused
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

const step = (model: Model.Model, operation: RequestOperation): Model.Model | undefined => {
  const { answer, model: after } = expected(model, operation)
  return Equal.equals(answer, operation.answer) ? after : undefined
}

/** A request store as the pure model has it: what every history of one runtime is checked against. */
export const requestSpecification: Specification<Model.Model, RequestOperation> = {
  init: Model.empty,
  step,
  key: (model) => model.map(({ id, state }) => `${id}${JSON.stringify(state)}`).join()
}
