import { Kinds, type Permission } from "@muster/domain"
import { type Cell, daemon, type Endpoint, everybody, invalid, noWorkspace, ok, type Others, person } from "./Cells.ts"
import { daemonTasks, foreign } from "./DaemonTaskTable.ts"
import { memberships } from "./MembershipTable.ts"

const ofAnotherMachine: Cell = [
  403,
  "this credential belongs to another machine: each machine has its own. " +
  "On this machine, run the command that `muster machines add` prints"
]
const notOfInstallation: Cell = [
  403,
  "only the owner of this installation may do this: use the token in the file token of the server's data folder"
]
const noMachine: Cell = [403, "only the credential of a machine that joined can do this"]

const daemonOfAnother: Cell = [
  403,
  "you can only register your own runtimes: this daemon id belongs to ana. " +
  "Ask ana to delete its runtimes, or an owner or admin of the workspace to take them over"
]

/** A route for machines that joined. */
const machine = (cells: Pick<Endpoint["cells"], "machine" | "anotherMachine">) => ({
  ...daemon(noMachine, {
    stranger: noMachine,
    member: noMachine,
    admin: noMachine,
    anotherDaemon: noMachine,
    elsewhere: noMachine,
    anotherMachine: noMachine
  }),
  ...cells
})

/** The answer about Ana's private runtime to others of the workspace, with any role (F-29). */
const onlyOwner = (verb: string): Others => {
  const why = `insufficient permissions: this runtime is private, only its owner can ${verb} it; `
  return {
    member: [403, `${why}ask ana to make it public`],
    admin: [403, `${why}make it public first, or ask ana to do so`]
  }
}
const others: Partial<Record<Permission.RuntimeAction, Others>> = {
  use: onlyOwner("use"),
  import: onlyOwner("import skills from"),
  update: onlyOwner("update")
}
const onlyManagers: Others = { member: [403, "only owners and admins of the workspace can manage join keys"] }
const ownMachines: Others = {
  member: [403, "you can only manage your own machines: ask ana, or an owner or admin of the workspace"]
}
const ownerOrAdmin = (error: string): Others => ({ member: [403, error] })

/** The body of a request, by the kind's name. Absent: the kind has no body. */
export const asked: Readonly<Record<string, object>> = {
  local_skill_import: { skill_key: "a" },
  update: { target_version: "1.2.3" }
}

/** The endpoints of every kind of request. The runtime is online, and no request prevents another. */
const kinds: ReadonlyArray<Endpoint> = Kinds.all.flatMap(({ asking, many, name, path, terms: { admission } }) => {
  const body = asked[name]
  // One waits already, so an exclusive kind conflicts.
  const asks: Cell = admission._tag === "Exclusive" ? [409, admission.conflict] : ok
  const at = `/api/runtimes/{runtimeId}/${path}`
  return [
    {
      name: `POST ${at}`,
      ...(body === undefined ? {} : { body }),
      cells: person(asks, noWorkspace, "changes", others[asking.ask])
    },
    { name: `GET ${at}/{requestId}`, cells: person(ok, noWorkspace, "looks", others[asking.look]) },
    ...(many === undefined ? [] : [{
      name: `POST /api/runtimes/{runtimeId}/${many.path}`,
      body: { requests: [body] },
      cells: person(ok, noWorkspace, "changes", others[asking.ask])
    }])
  ]
})

/** every endpoint with its answer to each caller. The stranger and the other workspace have no access. */
export const endpoints: ReadonlyArray<Endpoint> = [
  { name: "GET /api/sign-in", cells: everybody(ok) },
  // Only the token in the body counts, not the caller.
  { name: "POST /api/session", body: { token: `mul_${"0".repeat(40)}` }, cells: everybody(invalid) },
  { name: "POST /api/session/links", body: {}, cells: person([201], [201]) },
  { name: "DELETE /api/session", cells: person([204], [204]) },
  { name: "GET /api/members", cells: person(ok, noWorkspace, "looks") },
  {
    name: "GET /api/audit",
    cells: person(ok, noWorkspace, "looks", {
      member: [403, "only owners and admins of the workspace can read its audit log"]
    })
  },
  // Nobody of this table is the owner of the installation; `Backup.test.ts` shows the owner.
  { name: "POST /api/backup", cells: person(notOfInstallation, notOfInstallation) },
  { name: "GET /api/events", stream: true, cells: person(ok, noWorkspace, "looks") },
  { name: "GET /api/requests", cells: person(ok, noWorkspace, "looks") },
  {
    name: "GET /api/requests/{requestId}/explain",
    cells: person([404, "request not found"], noWorkspace, "looks")
  },
  {
    name: "GET /api/runtimes/{runtimeId}/models",
    cells: person([404, "no model list is kept"], noWorkspace, "looks")
  },
  { name: "GET /api/me", cells: person(ok, ok, "looks") },
  { name: "GET /api/tokens", cells: person(ok, ok, "looks") },
  { name: "POST /api/tokens", body: { name: "new" }, cells: person([201], [201]) },
  // The same answer to all, so that no caller learns which ids exist; `Tokens.test.ts` shows whose token ends.
  { name: "DELETE /api/tokens/{tokenId}", cells: person([204], [204]) },
  {
    name: "POST /api/tokens/{tokenId}/renew",
    body: {},
    cells: person([400, "this token never ends: it needs no renewal"], [404, "token not found"], "changes", {
      member: [404, "token not found"],
      admin: [404, "token not found"]
    })
  },
  { name: "GET /api/workspaces", cells: person(ok, ok, "looks") },
  {
    name: "POST /api/workspaces",
    body: { name: "Taken", slug: "home" },
    cells: person([409, "workspace slug already exists"], [409, "workspace slug already exists"])
  },
  ...memberships,
  { name: "GET /api/runtimes", cells: person(ok, noWorkspace, "looks") },
  { name: "GET /api/fleet", cells: person(ok, noWorkspace, "looks") },
  { name: "GET /api/runtimes/{runtimeId}", cells: person(ok, noWorkspace, "looks") },
  { name: "GET /api/runtimes/{runtimeId}/history", cells: person(ok, noWorkspace, "looks") },
  {
    name: "PATCH /api/runtimes/{runtimeId}",
    body: { name: "new" },
    cells: person(ok, noWorkspace, "changes", ownerOrAdmin("you can only edit your own runtimes"))
  },
  ...kinds,
  { name: "GET /api/tasks", cells: person(ok, noWorkspace, "looks") },
  {
    name: "POST /api/tasks",
    body: { runtime_id: "{runtimeId}", prompt: "do it" },
    cells: person(ok, noWorkspace, "changes", others.use)
  },
  { name: "GET /api/task", cells: { ...everybody([401, "missing authorization header"]), task: ok } },
  { name: "GET /api/tasks/{taskId}", cells: person(ok, noWorkspace, "looks") },
  { name: "GET /api/tasks/{taskId}/explain", cells: person(ok, noWorkspace, "looks") },
  { name: "GET /api/tasks/{taskId}/events", cells: person(ok, noWorkspace, "looks") },
  { name: "GET /api/tasks/{taskId}/stream", stream: true, cells: person(ok, noWorkspace, "looks") },
  {
    name: "POST /api/tasks/{taskId}/cancel",
    cells: person(ok, noWorkspace, "changes", {
      member: [
        403,
        "insufficient permissions: only the person who created this task, the owner of its runtime, and owners and " +
        "admins of the workspace can cancel it"
      ]
    })
  },
  // It has not ended.
  {
    name: "POST /api/tasks/{taskId}/retry",
    cells: person(
      [409, "this task has not ended (it is queued): wait until it has, or cancel it first"],
      noWorkspace,
      "changes",
      others.use
    )
  },
  { name: "GET /api/skills", cells: person(ok, noWorkspace, "looks") },
  { name: "GET /api/skills/{skillId}", cells: person(ok, noWorkspace, "looks") },
  // As with a runtime: the first allowed caller removes it, and later ones find that it is gone.
  {
    name: "DELETE /api/skills/{skillId}",
    cells: {
      ...person([404, "skill not found"], noWorkspace, "changes", ownerOrAdmin("you can only delete your own skills")),
      admin: ok
    }
  },
  // Ana is the workspace's owner, and takes it over again.
  {
    name: "POST /api/runtimes/{runtimeId}/take-over",
    body: {},
    cells: person(
      ok,
      noWorkspace,
      "changes",
      ownerOrAdmin("only owners and admins of the workspace can take over runtimes")
    )
  },
  {
    name: "DELETE /api/runtimes/{runtimeId}",
    cells: {
      ...person(
        [404, "runtime not found"],
        noWorkspace,
        "changes",
        ownerOrAdmin("you can only delete your own runtimes")
      ),
      admin: ok
    }
  },
  {
    name: "POST /api/daemon/register",
    body: { workspace_id: "{workspaceId}", daemon_id: "daemon-1", runtimes: [{ type: "codex" }] },
    cells: daemon(ok, {
      stranger: noWorkspace,
      member: daemonOfAnother,
      admin: daemonOfAnother,
      anotherDaemon: noWorkspace,
      elsewhere: noWorkspace,
      anotherMachine: ofAnotherMachine
    })
  },
  // Other people's runtimes are skipped silently.
  {
    name: "POST /api/daemon/deregister",
    body: { runtime_ids: ["{runtimeId}"] },
    cells: daemon(ok, { stranger: ok, member: ok, admin: ok, anotherDaemon: ok, elsewhere: ok, anotherMachine: ok })
  },
  { name: "POST /api/daemon/heartbeat", body: { runtime_id: "{runtimeId}" }, cells: daemon(ok, foreign) },
  {
    name: "GET /api/daemon/workspaces/{workspaceId}/repos",
    // Of no runtime in particular.
    cells: daemon(ok, { ...foreign, member: ok, admin: ok, anotherDaemon: ok, anotherMachine: ok })
  },
  ...daemonTasks,
  {
    name: "POST /api/daemon/runtimes/{runtimeId}/{kind}/{requestId}/result",
    body: { status: "completed", models: [] },
    cells: daemon(ok, foreign)
  },
  // Without an upgrade: an admitted caller gets the status of a plain GET of a socket.
  {
    name: "GET /api/daemon/ws",
    query: "?runtime_ids={runtimeId}",
    cells: daemon([400, "a WebSocket upgrade is required"], foreign)
  },
  { name: "GET /api/daemon/machine", cells: machine({ machine: ok, anotherMachine: ok }) },
  {
    name: "POST /api/daemon/credential/renew",
    body: { daemon_id: "daemon-1" },
    cells: machine({ machine: ok, anotherMachine: ofAnotherMachine })
  },
  // Only the token in the body counts.
  {
    name: "POST /api/join",
    body: { token: `mjt_${"0".repeat(40)}`, daemon_id: "daemon-3" },
    cells: everybody([
      401,
      "this join token is not known to this server: check that it is complete and that the server's URL is right"
    ])
  },
  { name: "GET /api/machines", cells: person(ok, noWorkspace, "looks") },
  { name: "POST /api/machines/join-tokens", body: {}, cells: person([201], noWorkspace) },
  { name: "GET /api/machines/join-keys", cells: person(ok, noWorkspace, "looks", onlyManagers) },
  { name: "POST /api/machines/join-keys", body: {}, cells: person([201], noWorkspace, "changes", onlyManagers) },
  { name: "DELETE /api/machines/join-keys/{keyId}", cells: person(ok, noWorkspace, "changes", onlyManagers) },
  { name: "GET /api/machines/{machineId}", cells: person(ok, noWorkspace, "looks") },
  {
    name: "PATCH /api/machines/{machineId}",
    body: { drain: true },
    cells: person(ok, noWorkspace, "changes", ownMachines)
  },
  // The first allowed caller removes it.
  {
    name: "DELETE /api/machines/{machineId}",
    cells: { ...person([404, "machine not found"], noWorkspace, "changes", ownMachines), admin: ok }
  },
  { name: "GET /health", cells: everybody(ok) },
  { name: "GET /healthz", cells: everybody(ok) },
  { name: "GET /readyz", cells: everybody(ok) },
  { name: "GET /openapi.json", cells: everybody(ok) },
  { name: "GET /docs", cells: everybody(ok) },
  { name: "POST /api/tokens/current/renew", body: {}, cells: everybody([404, "no such page"]) },
  { name: "GET /no/such/page", cells: everybody([404, "no such page"]) },
  {
    name: "POST /api/daemon/no/such/call",
    body: {},
    cells: everybody([501, "this server does not support this call of daemons"])
  }
]

/** Routes outside the described API. */
export const undescribed: ReadonlySet<string> = new Set([
  "GET /health",
  "GET /healthz",
  "GET /readyz",
  "GET /openapi.json",
  "GET /docs",
  "POST /api/tokens/current/renew",
  "GET /no/such/page",
  "POST /api/daemon/no/such/call"
])
