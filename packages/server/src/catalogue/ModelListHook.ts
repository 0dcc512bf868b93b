import { Catalogue, type Identity, Kinds, Request, type Runtime } from "@muster/domain"
import { Clock, Effect, FiberSet, Option } from "effect"
import { createHash } from "node:crypto"
import type { AtHand, Hook } from "../request/Hooks.ts"
import { RequestService } from "../request/RequestService.ts"
import { makeKeptLists } from "./KeptLists.ts"

/** How long reading a kept list may take. The caller waits for it before a request goes to the daemon. */
const readTimeout = "1 second"

/** Derived from the list, so that every replica recognizes the id that another replica returned. */
const idOf = (runtime: Runtime.RuntimeId, { at }: Catalogue.KeptModels): Request.RequestId =>
  Request.RequestId.make(createHash("sha256").update(`${runtime} ${at}`).digest("hex").slice(0, 32))

/** The kept list as a request that ended with its report and is in no store. */
const asRequest = (runtime: Runtime.RuntimeId, kept: Catalogue.KeptModels): AtHand => ({
  request: {
    id: idOf(runtime, kept),
    runtimeId: runtime,
    kind: Kinds.ModelList.name,
    payload: {},
    terms: Kinds.ModelList.terms,
    by: null,
    state: { _tag: "Completed", result: { models: kept.models, supported: true, source: "live" } },
    createdAt: kept.at,
    updatedAt: kept.at
  },
  beside: { cached: true, cached_at: new Date(kept.at).toISOString() }
})

/**
 * Keeps the last good list of each runtime and returns it immediately for up to 24 h. A list older than 60 s is also
 * fetched again, one fetch at a time. If the catalogue is unavailable, a request goes to the daemon.
 */
export const makeModelListHook = Effect.gen(function*() {
  const catalogue = yield* Catalogue.ModelCatalogue
  const requests = yield* RequestService
  const lists = yield* makeKeptLists
  const fork = yield* FiberSet.makeRuntime<never>()
  /** Runtimes with a running request for a new list. */
  const refreshing = new Set<Runtime.RuntimeId>()

  /** If a request is pending already, the store returns that one. */
  const refresh = (runtime: Runtime.Runtime, by: Identity.UserId) => {
    if (refreshing.has(runtime.id)) return
    refreshing.add(runtime.id)
    fork(
      requests.ask(Kinds.ModelList, runtime, {}, by).pipe(
        Effect.ignore,
        Effect.ensuring(Effect.sync(() => refreshing.delete(runtime.id)))
      )
    )
  }

  const find = (runtime: Runtime.RuntimeId) =>
    catalogue.find(runtime).pipe(
      Effect.timeoutOption(readTimeout),
      Effect.zipWith(
        Clock.currentTimeMillis,
        (found, now) => Option.filter(Option.flatten(found), (kept) => Catalogue.isShown(kept, now))
      ),
      Effect.catch((error) =>
        Effect.as(
          Effect.logDebug("cannot read the kept model list, asking the daemon", error),
          Option.none<Catalogue.KeptModels>()
        )
      )
    )

  return {
    atHand: Effect.fnUntraced(function*(runtime: Runtime.Runtime, by: Identity.UserId | null) {
      const kept = yield* find(runtime.id)
      if (Option.isNone(kept)) return Option.none()
      if (by !== null && !Catalogue.isFresh(kept.value, yield* Clock.currentTimeMillis)) refresh(runtime, by)
      return Option.some(asRequest(runtime.id, kept.value))
    }),
    recalled: (runtime, id) =>
      Effect.map(find(runtime.id), (found) =>
        Option.map(
          Option.filter(found, (kept) => idOf(runtime.id, kept) === id),
          (kept) => asRequest(runtime.id, kept)
        )),
    settled: (runtime, request) => lists.change(runtime.id, request)
  } satisfies Hook
})
