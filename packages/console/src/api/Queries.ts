import type { Identity } from "@muster/domain"
import { QueryCache, QueryClient, queryOptions } from "@tanstack/react-query"
import { clientOf } from "./Client.ts"
import { isSignedOut, Problem } from "./Problem.ts"
import { run } from "./RunCall.ts"

/** Whether the same call can succeed later. A refusal is not temporary. */
export const isTemporary = (error: unknown): boolean =>
  error instanceof Problem && ["unreachable", "timeout", "unavailable", "stopping"].includes(error.code)

/** Retries temporary failures twice. */
const retry = (failures: number, error: unknown) => failures < 2 && isTemporary(error)

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

/** The heartbeats of a runtime in the last 24 h; updated each minute, as often as the server writes them. */
export const runtimeHistory = (workspace: Identity.WorkspaceId, id: string) =>
  queryOptions({
    queryKey: ["in", workspace, "runtime-history", id],
    queryFn: ({ signal }) => run(clientOf(workspace).runtimes.history({ params: { runtimeId: id } }), signal),
    refetchInterval: 60_000
  })

export const members = (workspace: Identity.WorkspaceId) =>
  queryOptions({
    queryKey: ["in", workspace, "members"],
    queryFn: ({ signal }) => run(clientOf(workspace).members.list(), signal),
    staleTime: 30_000
  })

/** The invitations of a workspace that can still be accepted. */
export const invitations = (workspaceId: Identity.WorkspaceId) =>
  queryOptions({
    queryKey: ["in", workspaceId, "invitations"],
    queryFn: ({ signal }) => run(clientOf().workspaces.invitations({ params: { workspaceId } }), signal)
  })

/** The repositories that agents of a workspace may check out. */
export const repositories = (workspaceId: Identity.WorkspaceId) =>
  queryOptions({
    queryKey: ["in", workspaceId, "repositories"],
    queryFn: ({ signal }) => run(clientOf().repositories.list({ params: { workspaceId } }), signal)
  })

export const workspaceSettings = (workspaceId: Identity.WorkspaceId) =>
  queryOptions({
    queryKey: ["in", workspaceId, "settings"],
    queryFn: ({ signal }) => run(clientOf().repositories.settings({ params: { workspaceId } }), signal)
  })

/** The machines of a workspace, and the daemons that have not joined. */
export const machines = (workspace: Identity.WorkspaceId) =>
  queryOptions({
    queryKey: ["in", workspace, "machines"],
    queryFn: ({ signal }) => run(clientOf(workspace).machines.list(), signal)
  })

/** One machine with its runtimes; null if it does not exist. */
export const machine = (workspace: Identity.WorkspaceId, id: string) =>
  queryOptions({
    queryKey: ["in", workspace, "machine", id],
    queryFn: ({ signal }) =>
      run(clientOf(workspace).machines.one({ params: { machineId: id } }), signal).catch((problem: unknown) => {
        if (problem instanceof Problem && problem.code.endsWith("_not_found")) return null
        throw problem
      })
  })

/** The join keys of a workspace. */
export const joinKeys = (workspace: Identity.WorkspaceId) =>
  queryOptions({
    queryKey: ["in", workspace, "join-keys"],
    queryFn: ({ signal }) => run(clientOf(workspace).machines.keys(), signal)
  })

/** A task with why it is where it is; null if it does not exist. */
export const task = (workspace: Identity.WorkspaceId, id: string) =>
  queryOptions({
    queryKey: ["in", workspace, "task", id],
    queryFn: ({ signal }) =>
      run(clientOf(workspace).tasks.explain({ params: { taskId: id } }), signal).catch((problem: unknown) => {
        if (problem instanceof Problem && ["task_not_found", "invalid_task_id"].includes(problem.code)) return null
        throw problem
      })
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
