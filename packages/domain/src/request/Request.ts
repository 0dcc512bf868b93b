import { type Schema } from "effect"
import type { UserId } from "../access/Identity.ts"
import type { RuntimeId } from "../runtime/Runtime.ts"
import type { RequestId } from "./RequestId.ts"
import type { RequestKind, Terms } from "./RequestKind.ts"

export * from "./RequestId.ts"

/** A JSON object in its wire form: a kind's payload or result, encoded by its schema. */
export type Json = { readonly [key: string]: Schema.Json }

/** The state of a request. All times are epoch ms. */
export type RequestState =
  | { readonly _tag: "Pending" }
  | {
    readonly _tag: "Running"
    /** The first delivery. The running limit counts from here, whatever happens later. */
    readonly startedAt: number
    readonly deliveredAt: number
    readonly deliveries: number
  }
  | { readonly _tag: "Completed"; readonly result: Json }
  | { readonly _tag: "Failed"; readonly error: string }
  | { readonly _tag: "TimedOut"; readonly error: string; readonly startedAt: number | null }

/** A short-lived question to a runtime. It carries its own terms, so stores do not need to know kinds. */
export interface Request {
  readonly id: RequestId
  readonly runtimeId: RuntimeId
  readonly kind: string
  readonly payload: Json
  readonly terms: Terms
  /** The person who asked; kept by every store, never shown. Null: no person. */
  readonly by: UserId | null
  readonly state: RequestState
  readonly createdAt: number
  /** When the record last changed. A timeout changes it at the moment of the limit. */
  readonly updatedAt: number
}

export type RequestStatus = "pending" | "running" | "completed" | "failed" | "timeout"

const statuses = {
  Pending: "pending",
  Running: "running",
  Completed: "completed",
  Failed: "failed",
  TimedOut: "timeout"
} as const satisfies Record<RequestState["_tag"], RequestStatus>

export const statusOf = (request: Request): RequestStatus => statuses[request.state._tag]

export const isTerminal = (request: Request): boolean =>
  request.state._tag !== "Pending" && request.state._tag !== "Running"

/** The outcome that a report states. */
export type Outcome =
  | { readonly _tag: "Completed"; readonly result: Json }
  | { readonly _tag: "Failed"; readonly error: string }

export const make = (input: {
  readonly id: RequestId
  readonly kind: RequestKind
  readonly runtimeId: RuntimeId
  readonly payload: Json
  readonly by: UserId | null
  readonly now: number
}): Request => ({
  id: input.id,
  runtimeId: input.runtimeId,
  kind: input.kind.name,
  payload: input.payload,
  terms: input.kind.terms,
  by: input.by,
  state: { _tag: "Pending" },
  createdAt: input.now,
  updatedAt: input.now
})

/** The last moment at which an unfinished request is within its limit; null: it is terminal. */
export const deadlineOf = ({ createdAt, state, terms }: Request): number | null => {
  switch (state._tag) {
    case "Pending":
      return createdAt + terms.pending
    case "Running":
      return state.startedAt + terms.running
    default:
      return null
  }
}

/** From this moment on the record may be removed, even if it is never read again. */
export const expiryOf = (request: Request): number =>
  (deadlineOf(request) ?? request.updatedAt) + request.terms.retention

export const isExpired = (request: Request, now: number): boolean => now > expiryOf(request)

/**
 * The record with its limits applied at `now`. A timeout has the time of the limit, so the result does not depend on
 * when, where or how often the record is read.
 */
export const elapse = (request: Request, now: number): Request => {
  const deadline = deadlineOf(request)
  if (deadline === null || now <= deadline) return request
  const { state, terms } = request
  return state._tag === "Running"
    ? {
      ...request,
      state: { _tag: "TimedOut", error: terms.texts.running, startedAt: state.startedAt },
      updatedAt: deadline
    }
    : { ...request, state: { _tag: "TimedOut", error: terms.texts.pending, startedAt: null }, updatedAt: deadline }
}

/**
 * Whether a claim at `now` may take it: it is pending, or its last delivery was not answered and another one is
 * allowed.
 */
export const isClaimable = (request: Request, now: number): boolean => {
  const { state, terms } = elapse(request, now)
  if (state._tag === "Pending") return true
  return state._tag === "Running" && state.deliveries < terms.deliveries &&
    now - state.deliveredAt > terms.redeliverAfter
}

/** The record after a claim at `now`. Only for a claimable one. */
export const claim = (request: Request, now: number): Request => {
  const { state } = request
  return {
    ...request,
    state: state._tag === "Running"
      ? { ...state, deliveredAt: now, deliveries: state.deliveries + 1 }
      : { _tag: "Running", startedAt: now, deliveredAt: now, deliveries: 1 },
    updatedAt: now
  }
}

/** The record after a report at `now`; a terminal one (timed out, or reported before) does not change. */
export const settle = (request: Request, outcome: Outcome, now: number): Request => {
  const current = elapse(request, now)
  return isTerminal(current) ? current : { ...current, state: outcome, updatedAt: now }
}
