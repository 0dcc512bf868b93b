import type { WorkspaceId } from "@muster/domain"
import { QueryCache, QueryClient, queryOptions } from "@tanstack/react-query"
import { clientOf } from "./Client.ts"
import { isSignedOut, Problem } from "./Problem.ts"
import { run } from "./RunCall.ts"

/** A refusal stays one, however often one asks; what may pass is asked again twice. */
const retry = (failures: number, error: unknown) =>
  failures < 2 && error instanceof Problem && ["unreachable", "timeout", "unavailable", "stopping"].includes(error.code)

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    // A session that ended elsewhere is noticed by whatever asks next.
    onError: (error, { queryKey }) => {
      if (isSignedOut(error) && queryKey[0] !== "me") void queryClient.invalidateQueries({ queryKey: ["me"] })
    }
  }),
  // A server on this machine answers without a network too.
  defaultOptions: { queries: { networkMode: "always", retry, staleTime: 5_000, refetchOnWindowFocus: true } }
})

export const me = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => run(clientOf().access.me(), signal),
  staleTime: 60_000,
  // A server that is away is looked for again; one that wants a token waits for it.
  refetchInterval: ({ state }) => state.status === "error" && !isSignedOut(state.error) ? 3_000 : false
})

export const workspaces = queryOptions({
  queryKey: ["workspaces"],
  queryFn: ({ signal }) => run(clientOf().access.workspaces(), signal),
  staleTime: 60_000
})

export const runtimes = (workspace: WorkspaceId) =>
  queryOptions({
    queryKey: ["in", workspace, "runtimes"],
    queryFn: ({ signal }) => run(clientOf(workspace).runtimes.list({ query: {} }), signal)
  })

export const members = (workspace: WorkspaceId) =>
  queryOptions({
    queryKey: ["in", workspace, "members"],
    queryFn: ({ signal }) => run(clientOf(workspace).members.list(), signal),
    staleTime: 30_000
  })

export const tokens = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => run(clientOf().access.tokens(), signal)
})

export const health = queryOptions({
  queryKey: ["health"],
  queryFn: ({ signal }) => run(clientOf().health.ready(), signal),
  refetchInterval: 10_000
})
