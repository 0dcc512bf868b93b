import type { Scope } from "../access/Scope.ts"
import * as Kinds from "../request/kinds/RequestKinds.ts"
import { groupName } from "./RequestApi.ts"

/** `public`: the endpoint needs no token. */
export type Requirement = Scope | "public"

/** The scope to ask for a request of each kind, and to see what became of it. */
const requests = Object.fromEntries(
  Kinds.known.flatMap((kind): ReadonlyArray<readonly [string, Requirement]> => [
    [`${groupName(kind)}.ask`, kind.asking.scope],
    [`${groupName(kind)}.askMany`, kind.asking.scope],
    [`${groupName(kind)}.look`, "read"]
  ])
)

/** The one table of the scope that each endpoint requires, by group and endpoint. One that is not here is refused. */
const table: Readonly<Record<string, Requirement>> = {
  "signIn.ways": "public",
  "signIn.signIn": "public",
  "session.signOut": "read",
  "session.link": "read",
  "access.me": "read",
  "access.tokens": "read",
  "access.createToken": "admin",
  "access.renewToken": "admin",
  "access.revokeToken": "admin",
  "access.workspaces": "read",
  "access.createWorkspace": "admin",
  "members.list": "read",
  "events.watch": "read",
  "runtimes.list": "read",
  "runtimes.one": "read",
  "runtimes.history": "read",
  "runtimes.edit": "admin",
  "runtimes.takeOver": "admin",
  "runtimes.remove": "admin",
  "fleet.page": "read",
  "catalogue.models": "read",
  "journal.recent": "read",
  "journal.explain": "read",
  "skills.list": "read",
  "skills.one": "read",
  "skills.remove": "admin",
  // A task starts a CLI with its owner's credentials, as a request does.
  "tasks.create": "ask",
  "tasks.list": "read",
  "tasks.one": "read",
  "tasks.explain": "read",
  "tasks.events": "read",
  "tasks.stream": "read",
  "tasks.cancel": "ask",
  "tasks.retry": "ask",
  "audit.list": "admin",
  "workspaces.one": "read",
  "workspaces.edit": "admin",
  "workspaces.replace": "admin",
  "workspaces.contents": "read",
  "workspaces.remove": "admin",
  "workspaces.leave": "admin",
  "workspaces.members": "read",
  "workspaces.inviteMember": "admin",
  "workspaces.changeRole": "admin",
  "workspaces.removeMember": "admin",
  "workspaces.invitations": "read",
  "workspaces.invite": "admin",
  "workspaces.revokeInvitation": "admin",
  "repositories.list": "read",
  "repositories.add": "admin",
  "repositories.remove": "admin",
  "repositories.settings": "read",
  "repositories.editSettings": "admin",
  "invitations.mine": "read",
  "invitations.one": "read",
  "invitations.accept": "admin",
  "invitations.decline": "admin",
  "inviteLink.look": "public",
  "inviteLink.accept": "public",
  "profile.edit": "admin",
  "machines.list": "read",
  "machines.one": "read",
  "machines.add": "admin",
  "machines.keys": "admin",
  "machines.createKey": "admin",
  "machines.revokeKey": "admin",
  "machines.edit": "admin",
  "machines.remove": "admin",
  "join.join": "public",
  "machineCredential.machine": "run",
  "machineCredential.renew": "run",
  "daemon.register": "run",
  "daemon.deregister": "run",
  "daemon.repos": "run",
  "daemon.recoverOrphans": "run",
  "daemon.claimTask": "run",
  "ownTask.show": "public",
  "daemonTasks.claim": "run",
  "daemonTasks.beat": "run",
  "daemonTasks.inventory": "run",
  "daemonTasks.renew": "run",
  "daemonTasks.release": "run",
  "daemonTasks.begin": "run",
  "daemonTasks.events": "run",
  "daemonTasks.pin": "run",
  "daemonTasks.settle": "run",
  "daemonLoop.heartbeat": "run",
  "daemonLoop.report": "run",
  "daemonLoop.socket": "run",
  ...requests
}

/** The scope that an endpoint requires; undefined: the table does not have it, and no token may call it. */
export const of = (group: string, endpoint: string): Requirement | undefined =>
  Object.hasOwn(table, `${group}.${endpoint}`) ? table[`${group}.${endpoint}`] : undefined
