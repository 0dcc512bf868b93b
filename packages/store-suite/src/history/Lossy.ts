import { Request } from "@muster/domain"
import { Equal } from "effect"
import * as Model from "../request/Model.ts"
import type { RequestOperation } from "./RequestOperation.ts"

type Of<Op extends RequestOperation["op"]> = Extract<RequestOperation, { readonly op: Op }>

const unused = Request.RequestId.make("0".repeat(32))

const without = (model: Model.Model, lost: Request.RequestId): Model.Model => model.filter(({ id }) => id !== lost)

const replaced = (model: Model.Model, next: Request.Request): Model.Model =>
  model.map((request) => request.id === next.id ? next : request)

const creations = (model: Model.Model, { answer, input, now }: Of<"create">, ids: ReadonlyArray<Request.RequestId>) => {
  const made = (id: Request.RequestId) => Request.make({ ...input, id, now })
  // It has no answer. What prevented it may have been lost.
  if (answer === undefined) return ids.map((id) => [...model, made(id)])
  const unfinished = model.filter((request) => request.kind === input.kind.name && !Request.isTerminal(request))
  const { admission } = input.kind.terms
  switch (answer._tag) {
    case "Made": {
      const { created, request } = answer
      if (!created) return unfinished.some((one) => Equal.equals(one, request)) ? [model] : []
      const isNew = !model.some(({ id }) => id === request.id) && Equal.equals(made(request.id), request)
      return isNew ? [[...model, request]] : []
    }
    case "RequestConflict":
      return admission._tag === "Exclusive" && unfinished.some(({ id }) => id === answer.id) ? [model] : []
    case "RequestsFull": {
      const pending = unfinished.filter(({ state }) => state._tag === "Pending").length
      return admission._tag === "Many" && pending >= admission.max ? [model] : []
    }
  }
}

/** Every subset of at most this size. */
const choices = <A>(from: ReadonlyArray<A>, max: number): ReadonlyArray<ReadonlyArray<A>> => {
  if (max === 0 || from.length === 0) return [[]]
  const [first, ...rest] = from
  return [...choices(rest, max), ...choices(rest, max - 1).map((chosen) => [first!, ...chosen])]
}

const claims = (model: Model.Model, { answer, now, wanted }: Of<"claim">): ReadonlyArray<Model.Model> => {
  const claimable = (kind: string) =>
    model.filter((request) => request.kind === kind && Request.isClaimable(request, now))
  if (answer === undefined) {
    return wanted.flatMap(({ kind, max }) =>
      choices(claimable(kind), max).map((chosen) =>
        chosen.map((request) => Request.claim(request, now)).reduce(replaced, model)
      )
    )
  }
  // Which of them, and how many: some may have lost their places.
  const isRight = wanted.every(({ kind, max }) => answer.filter((request) => request.kind === kind).length <= max) &&
    new Set(answer.map(({ id }) => id)).size === answer.length &&
    answer.every((taken) =>
      wanted.some(({ kind }) =>
        claimable(kind).some((request) => request.id === taken.id && Equal.equals(Request.claim(request, now), taken))
      )
    )
  return isRight ? [answer.reduce(replaced, model)] : []
}

/**
 * The models to which one operation with its answer may lead, for a store that may have lost any record and any place
 * in a queue. What it has lost stays lost; its other answers follow the usual rules: no request is delivered twice
 * within its delay or more often than allowed, no terminal one changes, and every one was asked for. `ids`: those that
 * a request made without an answer may have.
 */
export const lossySteps = (
  before: Model.Model,
  operation: Exclude<RequestOperation, { readonly op: "lose" }>,
  ids: ReadonlyArray<Request.RequestId>
): ReadonlyArray<Model.Model> => {
  const { now, runtime } = operation
  const { model } = Model.get(before, runtime, unused, now)
  switch (operation.op) {
    case "create":
      return creations(model, operation, ids)
    case "get": {
      const { answer, id } = operation
      if (answer === undefined) return [without(model, id)]
      return model.some((request) => Equal.equals(request, answer)) ? [model] : []
    }
    case "waiting":
      return [model]
    case "claim":
      return claims(model, operation)
    case "settle": {
      const { answer, id, outcome } = operation
      if (answer?._tag === "Absent") return [without(model, id)]
      const reported = Model.report(model, runtime, id, outcome, now)
      return answer === undefined || Equal.equals(reported.answer, answer) ? [reported.model] : []
    }
  }
}
