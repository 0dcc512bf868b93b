import type { Api, Identity } from "@muster/domain"
import { skipToken, useQueries, useQuery, useQueryClient } from "@tanstack/react-query"
import { clientOf } from "../api/Client.ts"
import { run } from "../api/RunCall.ts"
import { useInterval } from "../live/useLive.ts"
import { momentNow } from "../ui/Clock.ts"

/** A runtime that was deleted on this page, and when (epoch ms). */
export interface Deleted {
  readonly runtime: Api.RuntimeRecord
  readonly at: number
}

/** A deleted runtime and the new runtime that replaced it, if there is one. */
export interface DeletedRuntime extends Deleted {
  readonly back: Api.RuntimeRecord | undefined
}

/** The time within which a running daemon registers a new runtime, in ms. */
export const returnTimeout = 60_000

const keyOf = (workspace: Identity.WorkspaceId) => ["deleted", workspace] as const

/** Adds to each deleted runtime its replacement: the same CLI of the same daemon with a new id. */
export const deletedRuntimes = (
  deleted: ReadonlyArray<Deleted>,
  runtimes: ReadonlyArray<Api.RuntimeRecord>
): ReadonlyArray<DeletedRuntime> =>
  deleted.map(({ at, runtime }) => ({
    runtime,
    at,
    back: runtimes.find(({ daemonId, id, provider }) =>
      daemonId === runtime.daemonId && provider === runtime.provider && id !== runtime.id
    )
  }))

/** Finds the replacements of deleted runtimes: the runtimes of the same machines and providers. */
export const useReplacements = (
  workspace: Identity.WorkspaceId,
  deleted: ReadonlyArray<Deleted>
): ReadonlyArray<DeletedRuntime> => {
  const interval = useInterval()
  const found = useQueries({
    queries: deleted.filter(({ runtime }) => runtime.daemonId !== null).map(({ runtime: { daemonId, provider } }) => ({
      queryKey: ["in", workspace, "fleet", "replacement", daemonId, provider],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        run(clientOf(workspace).fleet.page({ query: { machine: daemonId!, provider, limit: "5" } }), signal),
      refetchInterval: interval
    })),
    combine: (results) => results.flatMap(({ data }) => data?.items ?? [])
  })
  return deletedRuntimes(deleted, found)
}

/** The runtimes that were deleted on this page, until the person dismisses them. */
export const useDeleted = (workspace: Identity.WorkspaceId) => {
  const queries = useQueryClient()
  const { data = [] } = useQuery<ReadonlyArray<Deleted>>({
    queryKey: keyOf(workspace),
    queryFn: skipToken,
    staleTime: Infinity
  })
  const update = (change: (all: ReadonlyArray<Deleted>) => ReadonlyArray<Deleted>) =>
    queries.setQueryData<ReadonlyArray<Deleted>>(keyOf(workspace), (all = []) => change(all))
  return {
    deleted: data,
    add: (runtime: Api.RuntimeRecord) => update((all) => [...all, { runtime, at: momentNow() }].slice(-20)),
    dismiss: (id: string) => update((all) => all.filter(({ runtime }) => runtime.id !== id))
  }
}
