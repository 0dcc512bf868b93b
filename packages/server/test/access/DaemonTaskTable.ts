import { type Cell, daemon, type Endpoint, notFound, ok } from "./Cells.ts"

/** Callers that are not the daemon of the runtime. */
export const foreign = {
  stranger: notFound,
  member: notFound,
  admin: notFound,
  anotherDaemon: notFound,
  elsewhere: notFound,
  anotherMachine: notFound
}

const unsure: Cell = [500, "this server cannot tell whether this chat session is still wanted: keep its folder"]

/** what daemons call about tasks. */
export const daemonTasks: ReadonlyArray<Endpoint> = [
  { name: "POST /api/daemon/runtimes/{runtimeId}/recover-orphans", body: {}, cells: daemon(ok, foreign) },
  { name: "POST /api/daemon/runtimes/{runtimeId}/tasks/claim", body: {}, cells: daemon(ok, foreign) },
  {
    name: "POST /api/daemon/tasks/claim",
    body: { daemon_id: "daemon-1", runtime_ids: [], max_tasks: 1, slots: 1 },
    cells: daemon(ok, { stranger: ok, member: ok, admin: ok, anotherDaemon: ok, elsewhere: ok, anotherMachine: ok })
  },
  {
    name: "POST /api/daemon/tasks/beat",
    body: { daemon_id: "daemon-1", tasks: [] },
    cells: daemon(ok, { stranger: ok, member: ok, admin: ok, anotherDaemon: ok, elsewhere: ok, anotherMachine: ok })
  },
  {
    name: "POST /api/daemon/tasks/inventory",
    body: { daemon_id: "daemon-1", runtime_ids: [], tasks: [] },
    cells: daemon(ok, { stranger: ok, member: ok, admin: ok, anotherDaemon: ok, elsewhere: ok, anotherMachine: ok })
  },
  {
    name: "POST /api/daemon/tasks/{taskId}/renew",
    body: { epoch: 1 },
    cells: daemon(ok, foreign)
  },
  {
    name: "POST /api/daemon/tasks/{taskId}/release",
    body: { epoch: 1 },
    cells: daemon(ok, foreign)
  },
  {
    name: "POST /api/daemon/tasks/{taskId}/begin",
    body: { epoch: 1 },
    cells: daemon(ok, foreign)
  },
  {
    name: "POST /api/daemon/tasks/{taskId}/events",
    body: { epoch: 1, events: [] },
    cells: daemon(ok, foreign)
  },
  {
    name: "POST /api/daemon/tasks/{taskId}/pin",
    body: { epoch: 1, session: { id: "s", folder: null } },
    cells: daemon(ok, foreign)
  },
  {
    name: "POST /api/daemon/tasks/{taskId}/settle",
    body: { epoch: 1, outcome: { type: "cancelled", result: null }, usage: [], session: null },
    cells: daemon(ok, foreign)
  },
  {
    name: "POST /api/daemon/tasks/{taskId}/start",
    body: {},
    cells: daemon([400, "start task: no rows in result set"], foreign)
  },
  {
    name: "POST /api/daemon/tasks/{taskId}/progress",
    body: {},
    cells: daemon(ok, foreign)
  },
  {
    name: "POST /api/daemon/tasks/{taskId}/messages",
    body: { messages: [{ type: "text", content: "x" }] },
    cells: daemon(ok, foreign)
  },
  { name: "GET /api/daemon/tasks/{taskId}/messages", cells: daemon(ok, foreign) },
  {
    name: "POST /api/daemon/tasks/{taskId}/usage",
    body: { usage: [] },
    cells: daemon(ok, foreign)
  },
  {
    name: "POST /api/daemon/tasks/{taskId}/session",
    body: { session_id: "s" },
    cells: daemon([204], foreign)
  },
  {
    name: "GET /api/daemon/tasks/{taskId}/status",
    cells: daemon(ok, foreign)
  },
  {
    name: "POST /api/daemon/tasks/{taskId}/complete",
    body: { output: "" },
    cells: daemon(ok, foreign)
  },
  {
    name: "POST /api/daemon/tasks/{taskId}/fail",
    body: { error: "" },
    cells: daemon(ok, foreign)
  },
  {
    name: "GET /api/daemon/tasks/{taskId}/gc-check",
    cells: daemon(ok, foreign)
  },
  // A v0.3.1 daemon deletes the folder on 404.
  {
    name: "GET /api/daemon/chat-sessions/{taskId}/gc-check",
    cells: daemon(ok, {
      stranger: unsure,
      member: unsure,
      admin: unsure,
      anotherDaemon: unsure,
      elsewhere: unsure,
      anotherMachine: unsure
    })
  },
  { name: "GET /api/daemon/runtimes/{runtimeId}/tasks/pending", cells: daemon(ok, foreign) }
]
