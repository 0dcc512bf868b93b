import type { Identity } from "@muster/domain"
import { QueryCache, QueryClient, queryOptions } from "@tanstack/react-query"
import { clientOf } from "./Client.ts"
import { isSignedOut, Problem } from "./Problem.ts"
import { run } from "./RunCall.ts"

/** Retries temporary failures twice. A refusal is not retried. */
const retry = (failures: number, error: unknown) =>
  failures < 2 && error instanceof Problem && ["unreachable", "timeout", "unavailable", "stopping"].includes(error.code)

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    // Any call can find out that the session has ended.
    onError: (error, { queryKey }) => {
      if (isSignedOut(error) && queryKey[0] !== "me") void queryClient.invalidateQueries({ queryKey: ["me"] })
    }
  }),
  // A server on this machine is reachable without a network.
  defaultOptions: { queries: { networkMode: "always", retry, staleTime: 5_000, refetchOnWindowFocus: true } }
})

export const me = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => run(clientOf().access.me(), signal),
  staleTime: 60_000,
  // Retries while the server is unreachable, but not while the person is signed out.
  refetchInterval: ({ state }) => state.status === "error" && !isSignedOut(state.error) ? 3_000 : false
})

export const signInWays = queryOptions({
  queryKey: ["sign-in"],
  queryFn: ({ signal }) => run(clientOf().signIn.ways(), signal),
  // The button returns soon after the provider does.
  refetchInterval: ({ state }) => state.data?.oidc?.reachable === false ? 5_000 : false
})

export const workspaces = queryOptions({
  queryKey: ["workspaces"],
  queryFn: ({ signal }) => run(clientOf().access.workspaces(), signal),
  staleTime: 60_000
})

export const runtimes = (workspace: Identity.WorkspaceId) =>
  queryOptions({
    queryKey: ["in", workspace, "runtimes"],
    queryFn: ({ signal }) => run(clientOf(workspace).runtimes.list({ query: {} }), signal)
  })

/** One runtime; null if it does not exist. */
export const runtime = (workspace: Identity.WorkspaceId, id: string) =>
  queryOptions({
    queryKey: ["in", workspace, "runtime", id],
    queryFn: ({ signal }) =>
      run(clientOf(workspace).runtimes.one({ params: { runtimeId: id } }), signal).catch((problem: unknown) => {
        if (problem instanceof Problem && ["runtime_not_found", "invalid_runtime_id"].includes(problem.code)) {
          return null
        }
        throw problem
      })
  })

export const members = (workspace: Identity.WorkspaceId) =>
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
