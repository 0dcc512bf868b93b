import { Request, type RequestKind, type RequestStore, type Runtime, type Store } from "@muster/domain"
import { Clock, Effect, Option, Random } from "effect"
import { Crowd, Lonely, Shared } from "./Kinds.ts"
import { completed, wanted } from "./Scene.ts"

type Requests = RequestStore.RequestStore["Service"]

const kinds: ReadonlyArray<RequestKind.RequestKind> = [Crowd, Shared, Lonely]

/** The observations of the requests during the faults. */
export class History {
  readonly made = new Map<string, Request.Request>()
  /** By request: its deliveries, epoch ms. */
  readonly claims = new Map<string, Array<number>>()
  /** By request: every observed terminal state, as text. */
  readonly ends = new Map<string, Set<string>>()
  unavailable = 0

  saw(request: Request.Request): void {
    this.made.set(request.id, request)
    if (!Request.isTerminal(request)) return
    const seen = this.ends.get(request.id) ?? new Set()
    this.ends.set(request.id, seen.add(JSON.stringify(request.state satisfies Request.RequestState)))
  }

  claimed(request: Request.Request, now: number): void {
    this.saw(request)
    this.claims.set(request.id, [...this.claims.get(request.id) ?? [], now])
  }
}

/** One random operation of a person or a daemon; an unavailable store is not a failure. */
export const act = Effect.fnUntraced(
  function*(store: Requests, runtimes: ReadonlyArray<Runtime.RuntimeId>, history: History) {
    const now = yield* Clock.currentTimeMillis
    const runtimeId = runtimes[yield* Random.nextIntBetween(0, runtimes.length - 1)]!
    const kind = kinds[yield* Random.nextIntBetween(0, kinds.length - 1)]!
    const known = [...history.made.values()]
    const some = known[yield* Random.nextIntBetween(0, Math.max(0, known.length - 1))]
    const action = yield* Random.nextIntBetween(0, 9)
    const perform: Effect.Effect<void, Store.StoreUnavailable> = action < 4
      ? store.create({ kind, runtimeId, payload: {}, by: null }).pipe(
        Effect.map(({ request }) => history.saw(request)),
        Effect.catchTags({ RequestConflict: () => Effect.void, RequestsFull: () => Effect.void })
      )
      : action < 7
      ? Effect.map(store.claim(runtimeId, wanted(kind, 3)), (taken) => {
        for (const request of taken) history.claimed(request, now)
      })
      : some === undefined
      ? Effect.void
      : action < 9
      ? Effect.map(store.get(some.runtimeId, some.id), (found) => {
        if (Option.isSome(found)) history.saw(found.value)
      })
      : Effect.map(store.settle(some.runtimeId, some.id, completed), (settled) => {
        if (settled._tag !== "Absent") history.saw(settled.request)
      })
    yield* Effect.catchTag(perform, "StoreUnavailable", () =>
      Effect.sync(() => {
        history.unavailable++
      }))
  }
)
