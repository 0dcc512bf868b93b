import { Request, RequestStore, type Runtime } from "@muster/domain"
import { Clock, Effect, Layer, Option, Result } from "effect"
import { admit } from "./Admission.ts"
import { frozen } from "./Frozen.ts"
import { RequestState } from "./RequestState.ts"

const absent: RequestStore.Settled = { _tag: "Absent" }
const nothing: ReadonlyArray<never> = []

const create = (state: RequestState, input: RequestStore.NewRequest, id: Request.RequestId, now: number) => {
  state.clean(now)
  const standing = admit(input, state.lane(input.runtimeId, input.kind.name, now))
  if (standing !== undefined) return Result.map(standing, (request) => ({ request, created: false }))
  const { request } = state.add(Request.make({ ...input, id, payload: frozen(input.payload), now }))
  return Result.succeed({ request, created: true })
}

const take = (
  state: RequestState,
  runtime: Runtime.RuntimeId,
  wanted: ReadonlyArray<RequestStore.Wanted>,
  now: number
) => {
  state.clean(now)
  if (state.isIdle(runtime)) return nothing
  const taken: Array<Request.Request> = []
  for (const { kind, max } of wanted) {
    const lane = state.lane(runtime, kind, now)
    for (let left = max; left > 0; left--) {
      const oldest = lane?.claimable(now)
      if (oldest === undefined) break
      state.write(oldest, Request.claim(oldest.request, now))
      taken.push(oldest.request)
    }
  }
  return taken
}

const report = (
  state: RequestState,
  runtime: Runtime.RuntimeId,
  id: Request.RequestId,
  outcome: Request.Outcome,
  now: number
): RequestStore.Settled => {
  const entry = state.find(runtime, id, now)
  if (entry === undefined) return absent
  if (Request.isTerminal(entry.request)) return { _tag: "AlreadySettled", request: entry.request }
  const final: Request.Outcome = outcome._tag === "Completed"
    ? { _tag: "Completed", result: frozen(outcome.result) }
    : { _tag: "Failed", error: outcome.error }
  state.write(entry, Request.settle(entry.request, final, now))
  return { _tag: "Settled", request: entry.request }
}

const waiting = (state: RequestState, runtime: Runtime.RuntimeId, now: number): ReadonlyArray<string> =>
  state.kinds(runtime).filter((kind) => state.lane(runtime, kind, now)?.claimable(now) !== undefined)

const noneWaiting = Effect.succeed(nothing)

const make = (state: RequestState) =>
  RequestStore.RequestStore.of({
    create: (input) =>
      Effect.flatMap(Request.randomId, (id) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fromResult(create(state, input, id, now)))),
    get: (runtime, id) =>
      Effect.map(Clock.currentTimeMillis, (now) =>
        Option.fromUndefinedOr(state.find(runtime, id, now)?.request)),
    waiting: (runtime) =>
      Effect.suspend(() =>
        state.isIdle(runtime)
          ? noneWaiting
          : Effect.map(Clock.currentTimeMillis, (now) => waiting(state, runtime, now))
      ),
    claim: (runtime, wanted) => Effect.map(Clock.currentTimeMillis, (now) => take(state, runtime, wanted, now)),
    settle: (runtime, id, outcome) =>
      Effect.map(Clock.currentTimeMillis, (now) => report(state, runtime, id, outcome, now))
  })

/**
 * Requests of every kind in this process's memory. Every operation is one synchronous step, so it is atomic; it takes
 * O(log n) at most, and a probe of an idle runtime O(1). Nothing outlives the process; memory is bounded by the
 * requests within the longest retention.
 */
export const RequestStoreMemory = {
  /** A node on this state: nodes on the same state are one backend. */
  layerOn: (state: RequestState): Layer.Layer<RequestStore.RequestStore> =>
    Layer.succeed(RequestStore.RequestStore, make(state)),
  /** A backend of its own for each build. */
  layer: Layer.sync(RequestStore.RequestStore, () => make(new RequestState()))
}
