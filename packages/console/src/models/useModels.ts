import type { Api } from "@muster/domain"
import { skipToken, useQuery, useQueryClient } from "@tanstack/react-query"
import { Effect } from "effect"
import { clientOf } from "../api/Client.ts"
import { Problem, problemOf } from "../api/Problem.ts"
import { run, runLong } from "../api/RunCall.ts"
import { follow, type RequestView } from "../request/FollowRequest.ts"
import { timedOutWaiting } from "../request/RequestStages.tsx"
import { momentNow } from "../ui/Clock.ts"
import { type Listing, recall, remember } from "./StoredModels.ts"

type Answer = typeof Api.ModelListRecord.Type

/** How long a list counts as fresh, in ms. */
const freshFor = 60_000

/** The state of a runtime's models. */
export type ModelsState =
  /** The runtime is offline. */
  | { readonly _tag: "Offline" }
  /** Nobody has asked on this page: the list, if there is one, is the last known one. */
  | { readonly _tag: "Kept" }
  /** The request is running. */
  | { readonly _tag: "Asking" }
  /** The request failed; `why` is one sentence. */
  | { readonly _tag: "Undiscovered"; readonly why: string }
  /** Its CLI has no selectable models. */
  | { readonly _tag: "NoChoice" }
  /** Its CLI reports no models. */
  | { readonly _tag: "None" }
  | { readonly _tag: "Listed" }

const why = (record: Answer): string =>
  record.status === "failed"
    ? record.error ?? "no reason given"
    : timedOutWaiting(record)
    ? `timed out waiting for the daemon: ${record.error}`
    : `timed out on the machine: ${record.error ?? "it did not finish"}`

const listingOf = (record: Answer): Listing => ({
  models: record.models ?? [],
  supported: record.supported ?? true,
  source: record.source ?? null,
  at: record.cached === true ? record.cachedAt ?? record.updatedAt : momentNow(),
  ...(record.left_out !== undefined && { left_out: record.left_out })
})

const stateOf = (
  offline: boolean,
  auto: boolean,
  { data, error, isFetchedAfterMount, isFetching }: {
    readonly data: Listing | undefined
    readonly error: Error | null
    readonly isFetching: boolean
    readonly isFetchedAfterMount: boolean
  }
): ModelsState => {
  if (offline) return { _tag: "Offline" }
  if (isFetching) return { _tag: "Asking" }
  if (!auto && !isFetchedAfterMount) return { _tag: "Kept" }
  if (error !== null) {
    return error instanceof Problem && error.code === "runtime_offline"
      ? { _tag: "Offline" }
      : { _tag: "Undiscovered", why: error.message }
  }
  if (data === undefined) return { _tag: "Asking" }
  if (!data.supported) return { _tag: "NoChoice" }
  return data.models.length === 0 ? { _tag: "None" } : { _tag: "Listed" }
}

/** Returns the list that the server keeps of an offline runtime; null if there is none. */
const keptModels = ({ id, workspaceId }: Api.RuntimeRecord, signal: AbortSignal): Promise<Listing | null> =>
  run(
    clientOf(workspaceId).catalogue.models({ params: { runtimeId: id } }).pipe(
      Effect.map(({ cachedAt, models }) => ({ models, supported: true, source: null, at: cachedAt })),
      Effect.catchIf((error) => problemOf(error).code === "model_list_not_found", () => Effect.succeed(null))
    ),
    signal
  )

/** Requests the models. If the server returns the list that it keeps, passes it to `meanwhile` and requests a fresh one. */
const askDaemon = (
  { id, workspaceId }: Api.RuntimeRecord,
  meanwhile: (kept: Listing) => void
): Effect.Effect<Answer, unknown> => {
  const { modelList } = clientOf(workspaceId)
  const params = { runtimeId: id }
  return modelList.ask({ params, query: {} }).pipe(
    Effect.flatMap((first): Effect.Effect<Answer, unknown> => {
      if (first.cached !== true) return Effect.succeed(first)
      meanwhile(listingOf(first))
      return modelList.ask({ params, query: { fresh: "1" } }).pipe(
        // Only the owner of a private runtime can request a fresh list.
        Effect.catchIf((error) => problemOf(error).code === "runtime_private", () => Effect.succeed(first))
      )
    })
  )
}

/** Returns the newer list. */
const later = (a: Listing | null | undefined, b: Listing | null | undefined): Listing | undefined =>
  (a?.at ?? -1) >= (b?.at ?? -1) ? a ?? undefined : b ?? undefined

/**
 * The models of a runtime: the last known list immediately, the progress of a request, then a fresh list or the error. With
 * `auto` they are requested from its daemon, unless they are fresh; else only by `again`. Components share one request.
 */
export const useModels = (runtime: Api.RuntimeRecord, auto: boolean) => {
  const queries = useQueryClient()
  const { id, status, workspaceId } = runtime
  const wayKey = ["way", "models", id] as const
  const keptKey = ["kept-models", id] as const
  const offline = status === "offline"

  const query = useQuery({
    queryKey: ["models", id],
    enabled: auto && !offline,
    initialData: () => recall(runtime),
    initialDataUpdatedAt: () => recall(runtime)?.at,
    staleTime: freshFor,
    gcTime: Infinity,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    queryFn: async ({ signal }) => {
      const { modelList } = clientOf(workspaceId)
      const record = await runLong(
        follow<Answer>(
          askDaemon(runtime, (kept) => queries.setQueryData(keptKey, kept)),
          (requestId, query) => modelList.look({ params: { runtimeId: id, requestId }, query }),
          (record) => queries.setQueryData(wayKey, record)
        ),
        signal
      )
      if (record.status !== "completed") throw new Problem(why(record), record.status)
      const listing = listingOf(record)
      if (listing.models.length > 0) remember(runtime, listing)
      return listing
    }
  })
  const { data: kept } = useQuery({
    queryKey: keptKey,
    enabled: offline || !auto,
    queryFn: ({ signal }) => keptModels(runtime, signal),
    retry: false,
    staleTime: freshFor
  })
  const { data: way } = useQuery<RequestView>({ queryKey: wayKey, queryFn: skipToken, staleTime: Infinity })

  return {
    state: stateOf(offline, auto, query),
    /** The newest known list, from this page, this browser or the server. */
    listing: later(query.data, kept),
    /** The state of this page's last request; undefined if there was none. */
    way,
    again: () => void query.refetch()
  }
}

export type Models = ReturnType<typeof useModels>
