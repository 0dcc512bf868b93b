import { type Schema } from "effect"
import type { UserId } from "../access/Identity.ts"
import type { RuntimeId } from "../runtime/Runtime.ts"
import type { RequestId } from "./RequestId.ts"
import type { RequestKind, Terms } from "./RequestKind.ts"

export * from "./RequestId.ts"

/** A JSON object as it stands on the wire: a kind's payload or result after its schema encoded it. */
export type Json = { readonly [key: string]: Schema.Json }

/** Where a request stands. All times are epoch ms. */
export type RequestState =
  | { readonly _tag: "Pending" }
  | {
    readonly _tag: "Running"
    /** The first delivery: the running limit counts from here, whatever happens later. */
    readonly startedAt: number
    readonly deliveredAt: number
    readonly deliveries: number
  }
  | { readonly _tag: "Completed"; readonly result: Json }
  | { readonly _tag: "Failed"; readonly error: string }
  | { readonly _tag: "TimedOut"; readonly error: string; readonly startedAt: number | null }

/** A short-lived question to a runtime. The terms it was made under travel with it, so that no store knows kinds. */
export interface Request {
  readonly id: RequestId
  readonly runtimeId: RuntimeId
  readonly kind: string
  readonly payload: Json
  readonly terms: Terms
  /** Who asked; kept through every store, never shown. Null: nobody in person. */
  readonly by: UserId | null
  readonly state: RequestState
  readonly createdAt: number
  /** When the record last changed. A limit that passed changed it at the moment it passed. */
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

/** What a report says of a request. */
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

/** The last moment at which an unfinished request is still within its limit; null once it is terminal. */
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

/** From this moment on the record may be forgotten, even if nobody ever looks at it again. */
export const expiryOf = (request: Request): number =>
  (deadlineOf(request) ?? request.updatedAt) + request.terms.retention

export const isExpired = (request: Request, now: number): boolean => now > expiryOf(request)

/**
 * The record as its limits leave it at `now`. A limit that passed shows as a timeout stamped with the moment it passed,
 * so it does not matter when, where or how often anybody looks.
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

/** Whether a claim at `now` may hand it out: it waits, or its last delivery was never answered and another is allowed. */
export const isClaimable = (request: Request, now: number): boolean => {
  const { state, terms } = elapse(request, now)
  if (state._tag === "Pending") return true
  return state._tag === "Running" && state.deliveries < terms.deliveries &&
    now - state.deliveredAt > terms.redeliverAfter
}

/** The record after a claim handed it out at `now`. Only for a claimable one. */
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

/** The record after a report at `now`; a terminal one (its limit passed, or reported before) stays as it is. */
export const settle = (request: Request, outcome: Outcome, now: number): Request => {
  const current = elapse(request, now)
  return isTerminal(current) ? current : { ...current, state: outcome, updatedAt: now }
}
