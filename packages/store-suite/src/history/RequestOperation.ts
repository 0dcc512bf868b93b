import { Request, type RequestStore, type Runtime } from "@muster/domain"
import { Equal } from "effect"
import * as Model from "../request/Model.ts"
import { type Entry, type Specification, unheard } from "./Linearizable.ts"
import { lossySteps } from "./Lossy.ts"

/**
 * What a backend may lose after acknowledging it. `tail`: everything after some moment since the loss was called, as in
 * a failover to a lagging replica. `entries`: any record and any place in a queue, at any time from then on, as by
 * eviction.
 */
export type Losses = "tail" | "entries"

/**
 * One operation on a request store with its answer; without one if none arrived. A read without an answer is left out.
 * `now`: the clock, in epoch ms, from call to return. `lose` is not a call: it happens to the backend.
 */
export type RequestOperation =
  & { readonly now: number; readonly runtime: Runtime.RuntimeId }
  & (
    | { readonly op: "create"; readonly input: RequestStore.NewRequest; readonly answer?: Model.Creation }
    | { readonly op: "get"; readonly id: Request.RequestId; readonly answer: Request.Request | undefined }
    | { readonly op: "waiting"; readonly answer: ReadonlyArray<string> }
    | {
      readonly op: "claim"
      readonly wanted: ReadonlyArray<RequestStore.Wanted>
      readonly answer?: ReadonlyArray<Request.Request>
    }
    | {
      readonly op: "settle"
      readonly id: Request.RequestId
      readonly outcome: Request.Outcome
      readonly answer?: RequestStore.Settled
    }
    | { readonly op: "lose"; readonly losses: Losses; readonly answer?: undefined }
  )

export type RequestHistory = ReadonlyArray<Entry<RequestOperation>>

const unused = Request.RequestId.make("0".repeat(32))

type Call = Exclude<RequestOperation, { readonly op: "lose" }>

/** The model's answer and its state after it, for one operation. */
const expected = (model: Model.Model, operation: Call): Model.Step<unknown> => {
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

/** A request that an operation observed. A conflict returns only its id. */
interface Met {
  readonly id: Request.RequestId
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
    case "lose":
      return []
  }
}

/** Requests that were observed although no create returned them. */
const foundlings = (history: RequestHistory): ReadonlyArray<Met> => {
  const found = new Map<Request.RequestId, Met>()
  for (const met of history.flatMap(({ op }) => metBy(op))) {
    found.set(met.id, { ...found.get(met.id), ...met })
  }
  for (const { op } of history) {
    if (op.op === "create" && op.answer?._tag === "Made" && op.answer.created) found.delete(op.answer.request.id)
  }
  return [...found.values()]
}

/** An id that no request of the model has. */
const freeId = (model: Model.Model): Request.RequestId => {
  const taken = new Set(model.map(({ id }) => id))
  for (let i = 1;; i++) {
    const id = Request.RequestId.make(i.toString(16).padStart(32, "0"))
    if (!taken.has(id)) return id
  }
}

/** The state to which a history of one runtime has led. */
export interface Standing {
  readonly model: Model.Model
  /** The models to which the backend may fall back; undefined once it did. */
  readonly past: ReadonlyArray<Model.Model> | undefined
  /** Whether records and places may be missing. */
  readonly isLossy: boolean
}

const keyOf = (model: Model.Model) => model.map(({ id, state }) => `${id}${JSON.stringify(state)}`).join()

/** A request store as the pure model specifies it: the history of one runtime is checked against it. */
export const requestSpecification = (history: RequestHistory): Specification<Standing, RequestOperation> => {
  const strangers = foundlings(history)
  const silent = new Set(history.filter(({ returned }) => returned === unheard).map(({ op }) => op))
  const loss = history.find(({ op }) => op.op === "lose")
  const canLoseTail = loss?.op.op === "lose" && loss.op.losses === "tail"
  const disturbed = new Set(
    history.filter(({ called }) => canLoseTail && called > loss.called && called < loss.returned).map(({ op }) => op)
  )

  /** The ids that a request made without an answer may have: one that was observed later, or an unknown one. */
  const idsFor = (
    model: Model.Model,
    { kind }: RequestStore.NewRequest,
    now: number
  ): ReadonlyArray<Request.RequestId> => [
    ...strangers.filter((met) =>
      met.kind === kind.name && (met.createdAt ?? now) === now && !model.some(({ id }) => id === met.id)
    ).map(({ id }) => id),
    freeId(model)
  ]

  const modelsAfter = ({ isLossy, model }: Standing, operation: Call): ReadonlyArray<Model.Model> => {
    const isSilent = silent.has(operation)
    const ids = isSilent && operation.op === "create" ? idsFor(model, operation.input, operation.now) : []
    if (isLossy) return lossySteps(model, operation, ids)
    if (!isSilent) {
      const { answer, model: after } = expected(model, operation)
      return Equal.equals(answer, operation.answer) ? [after] : []
    }
    if (operation.op !== "create") return [expected(model, operation).model]
    return ids.map((id) => Model.create(model, operation.input, id, operation.now).model)
  }

  return {
    init: { model: Model.empty, past: [], isLossy: false },
    step: (standing, operation) => {
      const { model, past } = standing
      if (operation.op === "lose") {
        return operation.losses === "entries"
          ? [{ ...standing, isLossy: true }]
          : [model, ...past ?? []].map((model) => ({ model, past: undefined, isLossy: false }))
      }
      const after = modelsAfter(standing, operation)
      const earlier = past !== undefined && disturbed.has(operation) ? [...past, model] : past
      return after.map((next) => ({ ...standing, model: next, past: earlier }))
    },
    key: ({ isLossy, model, past }) => [isLossy, ...(past?.map(keyOf) ?? ["over"]), keyOf(model)].join("|")
  }
}
