import { Request, type RequestStore, type Runtime } from "@muster/domain"

/**
 * The specification of a request store: every record made and not yet expired, oldest first, and nothing else. Each
 * operation is a pure function of the model and the time (epoch ms), simple rather than fast.
 */
export type Model = ReadonlyArray<Request.Request>

export const empty: Model = []

/** An operation's answer, and the model after it. */
export interface Step<A> {
  readonly model: Model
  readonly answer: A
}

export type Creation =
  | { readonly _tag: "Made"; readonly request: Request.Request; readonly created: boolean }
  | { readonly _tag: "RequestConflict"; readonly id: Request.RequestId; readonly text: string }
  | { readonly _tag: "RequestsFull"; readonly kind: string; readonly max: number }

/** The model with every limit applied: overdue requests timed out, expired ones removed. */
const at = (model: Model, now: number): Model =>
  model.filter((request) => !Request.isExpired(request, now)).map((request) => Request.elapse(request, now))

const replace = (model: Model, next: Request.Request): Model =>
  model.map((request) => request.id === next.id ? next : request)

/** `id` is the id of the request if it is made. */
export const create = (
  before: Model,
  input: RequestStore.NewRequest,
  id: Request.RequestId,
  now: number
): Step<Creation> => {
  const model = at(before, now)
  const { kind, runtimeId } = input
  const { admission } = kind.terms
  const unfinished = model.filter((request) =>
    request.runtimeId === runtimeId && request.kind === kind.name && !Request.isTerminal(request)
  )
  const first = unfinished[0]
  if (first !== undefined && admission._tag === "Coalesce") {
    return { model, answer: { _tag: "Made", request: first, created: false } }
  }
  if (first !== undefined && admission._tag === "Exclusive") {
    return { model, answer: { _tag: "RequestConflict", id: first.id, text: admission.conflict } }
  }
  const pending = unfinished.filter(({ state }) => state._tag === "Pending").length
  if (admission._tag === "Many" && pending >= admission.max) {
    return { model, answer: { _tag: "RequestsFull", kind: kind.name, max: admission.max } }
  }
  const request = Request.make({ ...input, id, now })
  return { model: [...model, request], answer: { _tag: "Made", request, created: true } }
}

export const get = (
  before: Model,
  runtime: Runtime.RuntimeId,
  id: Request.RequestId,
  now: number
): Step<Request.Request | undefined> => {
  const model = at(before, now)
  return { model, answer: model.find((request) => request.id === id && request.runtimeId === runtime) }
}

/** The kinds that a probe must return. It may return more. */
export const claimable = (before: Model, runtime: Runtime.RuntimeId, now: number): ReadonlyArray<string> =>
  at(before, now).filter((request) => request.runtimeId === runtime && Request.isClaimable(request, now))
    .map(({ kind }) => kind)

export const take = (
  before: Model,
  runtime: Runtime.RuntimeId,
  wanted: ReadonlyArray<RequestStore.Wanted>,
  now: number
): Step<ReadonlyArray<Request.Request>> => {
  let model = at(before, now)
  const answer: Array<Request.Request> = []
  for (const { kind, max } of wanted) {
    const oldest = model.filter((request) =>
      request.runtimeId === runtime && request.kind === kind && Request.isClaimable(request, now)
    ).slice(0, max).map((request) => Request.claim(request, now))
    answer.push(...oldest)
    model = oldest.reduce(replace, model)
  }
  return { model, answer }
}

export const report = (
  before: Model,
  runtime: Runtime.RuntimeId,
  id: Request.RequestId,
  outcome: Request.Outcome,
  now: number
): Step<RequestStore.Settled> => {
  const { answer: request, model } = get(before, runtime, id, now)
  if (request === undefined) return { model, answer: { _tag: "Absent" } }
  if (Request.isTerminal(request)) return { model, answer: { _tag: "AlreadySettled", request } }
  const final = Request.settle(request, outcome, now)
  return { model: replace(model, final), answer: { _tag: "Settled", request: final } }
}
