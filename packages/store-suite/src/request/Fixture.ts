import { Identity, type Request, type RequestKind, type RequestStore, Runtime, Uuid } from "@muster/domain"
import { Effect, Option } from "effect"
import type { RequestNode, RequestStoreNodes } from "./RequestStoreBackend.ts"

/** A runtime that no other test uses. */
export const freshRuntime: Effect.Effect<Runtime.RuntimeId> = Effect.map(
  Uuid.random,
  (id) => Runtime.RuntimeId.make(id)
)

export const asker = Identity.UserId.make("0a51e1f0-5f0e-4a57-8d9c-3d8f4f6b7a10")

/** JSON values that a store may damage: order, emptiness, false, null, fractions, depth, other alphabets. */
export const payload: Request.Json = {
  name: "größe 🧭 \"quoted\" \\ back\nslash",
  order: [3, 1, 2, 1],
  empty: { list: [], object: {}, text: "", nothing: null },
  flags: { yes: true, no: false },
  numbers: [0, -1, 0.1, 1e21, 9_007_199_254_740_991]
}

export const result: Request.Json = {
  models: [
    { id: "z", label: "Z", default: false },
    { id: "a", label: "A", default: true },
    { id: "m", label: "" }
  ],
  supported: true,
  source: "live",
  ...payload
}

export const completed: Request.Outcome = { _tag: "Completed", result }
export const failed: Request.Outcome = { _tag: "Failed", error: "the CLI said: größe ✗" }

/** Makes a request of the kind; returns the new or coalesced one. */
export const ask = (node: RequestNode, kind: RequestKind.RequestKind, runtimeId: Runtime.RuntimeId) =>
  Effect.map(node.create({ kind, runtimeId, payload, by: asker }), ({ request }) => request)

/** Makes `count` requests of the kind, in order. */
export const askMany = (node: RequestNode, kind: RequestKind.RequestKind, runtime: Runtime.RuntimeId, count: number) =>
  Effect.forEach(Array.from({ length: count }), () => ask(node, kind, runtime))

export const wanted = (
  kind: RequestKind.RequestKind,
  max = 1
): ReadonlyArray<RequestStore.Wanted> => [{ kind: kind.name, max }]

/** Claims one of the kind; undefined: none. */
export const claimOne = (node: RequestNode, kind: RequestKind.RequestKind, runtime: Runtime.RuntimeId) =>
  Effect.map(node.claim(runtime, wanted(kind)), ([request]) => request)

/** The record on the node; undefined: absent. */
export const look = (node: RequestNode, { id, runtimeId }: Pick<Request.Request, "id" | "runtimeId">) =>
  Effect.map(node.get(runtimeId, id), Option.getOrUndefined)

/** Whether the node's probe reports work of this kind. */
export const mayWait = (node: RequestNode, kind: RequestKind.RequestKind, runtime: Runtime.RuntimeId) =>
  Effect.map(node.waiting(runtime), (kinds) => kinds.includes(kind.name))

/** The record once no daemon picked it up in time. */
export const pendingTimeout = (request: Request.Request): Request.Request => ({
  ...request,
  state: { _tag: "TimedOut", error: request.terms.texts.pending, startedAt: null },
  updatedAt: request.createdAt + request.terms.pending
})

/** The record after its running limit has passed, from its first delivery at `startedAt` (epoch ms) on. */
export const runningTimeout = (request: Request.Request, startedAt: number): Request.Request => ({
  ...request,
  state: { _tag: "TimedOut", error: request.terms.texts.running, startedAt },
  updatedAt: startedAt + request.terms.running
})

/** The record after a report at `now` (epoch ms) settled it. */
export const settledAs = (request: Request.Request, state: Request.Outcome, now: number): Request.Request => ({
  ...request,
  state,
  updatedAt: now
})

/** Every other one is node B's. */
export const alternate = ({ a, b }: RequestStoreNodes, count: number): ReadonlyArray<RequestNode> =>
  Array.from({ length: count }, (_, i) => i % 2 === 0 ? a : b)

/** Runs all concurrently and returns their answers. */
export const together = <A, E, R>(effects: ReadonlyArray<Effect.Effect<A, E, R>>) =>
  Effect.all(effects, { concurrency: "unbounded" })

export const idsOf = (requests: ReadonlyArray<{ readonly id: Request.RequestId }>): ReadonlyArray<Request.RequestId> =>
  requests.map(({ id }) => id)
