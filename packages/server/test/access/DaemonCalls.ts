import { Api, Kinds, type Request, type Runtime } from "@muster/domain"
import { HttpApi } from "effect/http-api"

/** A runtime to act for, and a pending request of each kind, by the kind's path. */
export interface Target {
  readonly runtime: Runtime.Runtime
  /** The runtime's id in a spelling that servers accept. */
  readonly id: string
  readonly requests: ReadonlyMap<string, Request.RequestId>
}

/** The call of one daemon endpoint for a runtime, and its refusals. */
interface DaemonCall {
  readonly method: string
  readonly path: (target: Target) => string
  readonly body?: (target: Target) => object
  /** The result for a caller that acts as the runtime's daemon. */
  readonly allowed: number
  /** The result for all others; a member's token or machine may get another text than the token of another daemon. */
  readonly refused: number | { readonly person: number; readonly other: number }
}

const skill = { name: "forged", content: "forged", files: [] }

/** A report of each kind with an effect, by the kind's path. */
const reports: Readonly<Record<string, Request.Json>> = {
  models: { status: "completed", models: [{ id: "forged", label: "forged" }], supported: true, source: "live" },
  "local-skills": { status: "completed", skills: [], supported: true },
  "local-skills/import": { status: "completed", skill },
  update: { status: "completed", output: "forged" },
  ping: { status: "completed", cli_version: "forged" }
}

/** One call for each kind of request. */
const report = Kinds.all.map(({ path }): DaemonCall => ({
  method: "POST",
  path: ({ id, requests }) => `/api/daemon/runtimes/${id}/${path}/${requests.get(path)}/result`,
  body: () => {
    const body = reports[path]
    if (body === undefined) throw new Error(`no report of ${path} in reports`)
    return body
  },
  allowed: 200,
  refused: 404
}))

const ofRuntime = (last: string): DaemonCall => ({
  method: "POST",
  path: ({ id }) => `/api/daemon/runtimes/${id}/${last}`,
  body: () => ({}),
  allowed: 200,
  refused: 404
})

/**
 * Calls with an effect, by the endpoint's method and path; a text is the reason why an endpoint concerns no runtime.
 */
const calls: Readonly<Record<string, ReadonlyArray<DaemonCall> | string>> = {
  "POST /api/daemon/register": [{
    method: "POST",
    path: () => "/api/daemon/register",
    body: ({ runtime }) => ({
      workspace_id: runtime.workspaceId,
      daemon_id: runtime.daemonId,
      runtimes: [{ type: runtime.provider }, { type: "another" }]
    }),
    allowed: 200,
    refused: { person: 403, other: 404 }
  }],
  "POST /api/daemon/deregister": [{
    method: "POST",
    path: () => "/api/daemon/deregister",
    body: ({ id }) => ({ runtime_ids: [id] }),
    allowed: 200,
    refused: 200
  }],
  "POST /api/daemon/heartbeat": [{
    method: "POST",
    path: () => "/api/daemon/heartbeat",
    body: ({ id }) => ({ runtime_id: id, supports_batch_import: true }),
    allowed: 200,
    refused: 404
  }],
  "GET /api/daemon/workspaces/:workspaceId/repos": "the repositories of a workspace, for all of its daemons",
  "POST /api/daemon/runtimes/:runtimeId/recover-orphans": [ofRuntime("recover-orphans")],
  "POST /api/daemon/runtimes/:runtimeId/tasks/claim": [ofRuntime("tasks/claim")],
  "POST /api/daemon/runtimes/:runtimeId/:kind/:requestId/result": report,
  // A plain GET: an admitted caller gets "upgrade required".
  "GET /api/daemon/machine": "the machine of the credential itself",
  "POST /api/daemon/credential/renew": "the credential itself",
  "GET /api/daemon/ws": ["runtime_ids", "runtime_id"].map((name) => ({
    method: "GET",
    path: ({ id }) => `/api/daemon/ws?${name}=${id}`,
    allowed: 400,
    refused: 404
  }))
}

/** The endpoints that the API declares for daemons, as `METHOD /path`. */
const declared = (): ReadonlyArray<string> => {
  const names: Array<string> = []
  HttpApi.reflect(Api.DocumentedApi, {
    onGroup: () => {},
    onEndpoint: ({ endpoint }) => {
      if (endpoint.path.startsWith("/api/daemon/")) names.push(`${endpoint.method} ${endpoint.path}`)
    }
  })
  return names
}

/** One entry for each declared endpoint, in the API's order. An endpoint without calls has none, and fails its test. */
export const daemonEndpoints = declared().map((name) => ({ name, calls: calls[name] }))
