import { Api, Kinds, type Request, type Runtime, type Task } from "@muster/domain"
import { HttpApi } from "effect/http-api"

/** A runtime to act for, with a pending request of each kind, by the kind's path, and with tasks. */
export interface Target {
  readonly runtime: Runtime.Runtime
  /** The runtime's id in a spelling that servers accept. */
  readonly id: string
  readonly requests: ReadonlyMap<string, Request.RequestId>
  /** Another task of the runtime is queued. */
  readonly tasks: { readonly claimed: Task.Task; readonly running: Task.Task }
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

const heldBy = ({ epoch, id }: Task.Task) => ({ id, epoch })

/** A call about all tasks of a daemon: those of others are left out, or named as not the caller's. */
const ofAllTasks = (last: string, body: (target: Target) => object): DaemonCall => ({
  method: "POST",
  path: () => `/api/daemon/tasks/${last}`,
  body: (target) => ({ daemon_id: target.runtime.daemonId, ...body(target) }),
  allowed: 200,
  refused: 200
})

/** A call about one task. */
const ofTask = (
  which: keyof Target["tasks"],
  last: string,
  body?: (task: Task.Task) => object,
  allowed = 200
): DaemonCall => ({
  method: body === undefined ? "GET" : "POST",
  path: ({ tasks }) => `/api/daemon/tasks/${tasks[which].id}/${last}`,
  ...(body !== undefined && { body: ({ tasks }) => body(tasks[which]) }),
  allowed,
  refused: 404
})

const fenced = (which: keyof Target["tasks"], last: string, more: object = {}) =>
  ofTask(which, last, ({ epoch }) => ({ epoch, ...more }))

const session = { id: "forged", folder: null }

/** The calls about tasks, of our daemons and of v0.3.1. */
const taskCalls: Readonly<Record<string, ReadonlyArray<DaemonCall>>> = {
  "POST /api/daemon/tasks/claim": [
    ofAllTasks("claim", ({ runtime }) => ({ runtime_ids: [runtime.id], max_tasks: 2, slots: 10 }))
  ],
  "POST /api/daemon/tasks/beat": [
    ofAllTasks("beat", ({ tasks }) => ({ tasks: [heldBy(tasks.claimed), heldBy(tasks.running)] }))
  ],
  "POST /api/daemon/tasks/inventory": [
    ofAllTasks("inventory", ({ runtime }) => ({ runtime_ids: [runtime.id], tasks: [] }))
  ],
  "POST /api/daemon/tasks/:taskId/renew": [fenced("claimed", "renew")],
  "POST /api/daemon/tasks/:taskId/release": [fenced("claimed", "release")],
  "POST /api/daemon/tasks/:taskId/begin": [fenced("claimed", "begin")],
  "POST /api/daemon/tasks/:taskId/events": [
    fenced("running", "events", { events: [{ seq: 1, at: 0, body: { kind: "text", text: "forged" } }] })
  ],
  "POST /api/daemon/tasks/:taskId/pin": [fenced("running", "pin", { session })],
  "POST /api/daemon/tasks/:taskId/settle": [
    fenced("running", "settle", { outcome: { type: "cancelled", result: null }, usage: [], session })
  ],
  "POST /api/daemon/tasks/:taskId/start": [ofTask("claimed", "start", () => ({}))],
  "POST /api/daemon/tasks/:taskId/progress": [ofTask("running", "progress", () => ({ summary: "forged" }))],
  "POST /api/daemon/tasks/:taskId/messages": [
    ofTask("running", "messages", () => ({ messages: [{ type: "text", content: "forged" }] }))
  ],
  "GET /api/daemon/tasks/:taskId/messages": [ofTask("running", "messages")],
  "POST /api/daemon/tasks/:taskId/usage": [
    ofTask("running", "usage", () => ({ usage: [{ provider: "codex", model: "forged", input_tokens: 1 }] }))
  ],
  "POST /api/daemon/tasks/:taskId/session": [ofTask("running", "session", () => ({ session_id: "forged" }), 204)],
  "GET /api/daemon/tasks/:taskId/status": [ofTask("running", "status")],
  "POST /api/daemon/tasks/:taskId/complete": [ofTask("running", "complete", () => ({ output: "forged" }))],
  "POST /api/daemon/tasks/:taskId/fail": [ofTask("running", "fail", () => ({ error: "forged" }))],
  "GET /api/daemon/tasks/:taskId/gc-check": [ofTask("running", "gc-check")],
  "GET /api/daemon/chat-sessions/:taskId/gc-check": [{
    method: "GET",
    path: ({ tasks }) => `/api/daemon/chat-sessions/${tasks.running.id}/gc-check`,
    allowed: 200,
    // A v0.3.1 daemon deletes the folder on 404.
    refused: 500
  }],
  "GET /api/daemon/runtimes/:runtimeId/tasks/pending": [{
    method: "GET",
    path: ({ id }) => `/api/daemon/runtimes/${id}/tasks/pending`,
    allowed: 200,
    refused: 404
  }]
}

/**
 * Calls with an effect, by the endpoint's method and path; a text is the reason why an endpoint concerns no runtime.
 */
const calls: Readonly<Record<string, ReadonlyArray<DaemonCall> | string>> = {
  ...taskCalls,
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
