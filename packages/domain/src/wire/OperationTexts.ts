import * as Kinds from "../request/kinds/RequestKinds.ts"
import * as EndpointScopes from "./EndpointScopes.ts"
import { groupName, maxWait } from "./RequestApi.ts"

/** The title of an operation, and what a caller has to know. */
type Texts = readonly [summary: string, description: string]

/** What each kind of request asks a runtime for. */
const subjects: Readonly<Record<string, string>> = {
  model_list: "the models of its CLI",
  local_skill_list: "the skills on its machine",
  local_skill_import: "the content of a skill",
  ping: "a ping, by the path that work takes",
  update: "an update of Muster on its machine"
}

const requests = Object.fromEntries(Kinds.known.flatMap((kind): ReadonlyArray<readonly [string, Texts]> => {
  const subject = subjects[kind.name] ?? kind.name
  const name = kind.name.replaceAll("_", " ")
  return [
    [`${groupName(kind)}.ask`, [
      `Ask a runtime for ${subject}`,
      "Creates a request, or returns the unfinished one. Poll it with GET and `wait`. 503 if the runtime is offline."
    ]],
    [`${groupName(kind)}.askMany`, [
      `Ask a runtime for ${subject}, several at once`,
      "Returns one entry per request, in the same order: its record, or why it was refused."
    ]],
    [`${groupName(kind)}.look`, [
      `Get a request (${name})`,
      `With \`wait\` (seconds, at most ${maxWait}), responds as soon as the request is settled, or when the wait is over.`
    ]]
  ]
}))

const people: Readonly<Record<string, Texts>> = {
  "signIn.ways": ["Get the ways to sign in", "Whether this server has an OpenID Connect provider, and reaches it."],
  "signIn.signIn": [
    "Sign in a browser",
    "Exchanges a token, or the code of a one-time sign-in link, for the session cookies of the console."
  ],
  "session.signOut": ["Sign out", "Ends the session of this browser on every replica and deletes its cookies."],
  "session.link": [
    "Create a sign-in link",
    "Returns the code of a link that signs its owner in once, within 10 minutes. It replaces the caller's earlier codes."
  ],
  "access.me": ["Get your account", "The caller, and the scopes and the end of the call's token."],
  "profile.edit": [
    "Change your account",
    "Changes the caller's name or e-mail address. Absent and null do not change."
  ],
  "access.tokens": ["List your tokens", "The caller's tokens that are not revoked, without those of wider scopes."],
  "access.createToken": [
    "Create a token",
    "Returns the secret, which is shown only here. The token ends no later than the one of the call, and has none but its scopes."
  ],
  "access.renewToken": ["Renew a token", "Moves the end of a token and keeps its secret; never to an earlier time."],
  "access.revokeToken": [
    "Revoke a token",
    "Revokes a token and everything that was made with it, on every replica within 10 s."
  ],
  "access.workspaces": ["List your workspaces", "The workspaces of which the caller is a member."],
  "access.createWorkspace": ["Create a workspace", "Creates a workspace. The caller becomes its owner."],
  "members.list": ["List the members of a workspace", "The members of the workspace of the call, and their roles."],
  "events.watch": [
    "Watch a workspace",
    "Server-sent events without content: `changed` means that something may have changed. At most 10 minutes; connect again."
  ],
  "workspaces.one": ["Get a workspace", "A workspace of which the caller is a member."],
  "workspaces.edit": ["Change a workspace", "For owners and admins. Absent and null do not change."],
  "workspaces.replace": ["Change a workspace (PUT)", "The same as PATCH: an absent key does not change."],
  "workspaces.contents": ["Count what a deletion loses", "For owners: what is deleted with the workspace."],
  "workspaces.remove": [
    "Delete a workspace",
    "For owners: deletes the workspace and everything in it. `confirm` must be its slug."
  ],
  "workspaces.leave": ["Leave a workspace", "Ends the caller's membership. Their runtimes leave the workspace."],
  "workspaces.members": [
    "List the members by workspace id",
    "The members of the workspace in the path, and their roles."
  ],
  "workspaces.inviteMember": [
    "Invite a person by e-mail",
    "For owners and admins. The reply also has the secret of the invitation's link."
  ],
  "workspaces.changeRole": [
    "Change a member's role",
    "For owners; admins change members and admins. One owner remains."
  ],
  "workspaces.removeMember": ["Remove a member", "For owners and admins. The member's runtimes leave the workspace."],
  "workspaces.invitations": ["List pending invitations", "The invitations that can still be accepted, newest first."],
  "workspaces.invite": [
    "Create an invitation link",
    "For owners and admins. The link works once, within 7 days (1 to 30); with `email`, for that person only."
  ],
  "workspaces.revokeInvitation": ["Revoke an invitation", "For owners and admins. The link no longer works."],
  "repositories.list": ["List the repositories of a workspace", "The repositories that agents may check out."],
  "repositories.add": [
    "Add a repository",
    "For owners and admins. `added` is false if the list has the address already."
  ],
  "repositories.remove": ["Remove a repository", "For owners and admins. Removes every spelling of the address."],
  "repositories.settings": ["Get the settings of a workspace", "The settings that every client may show."],
  "repositories.editSettings": [
    "Change the settings of a workspace",
    "For owners and admins. Absent and null do not change."
  ],
  "invitations.mine": ["List invitations for you", "The pending invitations for the caller's e-mail address."],
  "invitations.one": ["Get an invitation", "An invitation for the caller."],
  "invitations.accept": ["Accept an invitation", "The caller becomes a member of the workspace."],
  "invitations.decline": ["Decline an invitation", "The invitation ends."],
  "inviteLink.look": [
    "Look at an invitation link",
    "What a person sees before they accept. The secret is in the body."
  ],
  "inviteLink.accept": [
    "Accept an invitation link",
    "A caller who is signed in joins. Others give a name and an e-mail address, and get an account and a credential."
  ],
  "runtimes.list": [
    "List the runtimes of a workspace",
    "All runtimes as an array, as v0.3.1 does. For many, see the fleet."
  ],
  "runtimes.one": ["Get a runtime", "A runtime of the workspace of the call."],
  "runtimes.history": ["Get the heartbeats of a runtime", "The last 24 h in buckets of 10 minutes, the oldest first."],
  "runtimes.edit": ["Change a runtime", "Changes name, visibility or default model. Absent and null do not change."],
  "runtimes.takeOver": [
    "Take over the runtimes of a daemon",
    "For owners and admins: the caller becomes the owner of all runtimes of the daemon in the workspace."
  ],
  "runtimes.remove": ["Delete a runtime", "A daemon that still runs registers the runtime again, with a new id."],
  "fleet.page": [
    "Find runtimes",
    "Filters, searches, sorts and pages the runtimes of a workspace, with counts per filter."
  ],
  "catalogue.models": [
    "Get the last known models of a runtime",
    "The list that the server kept, with its age; also offline."
  ],
  "journal.recent": ["List recent requests", "The last requests of the workspace, at most 100, newest first."],
  "journal.explain": ["Explain a request", "Why a request is waiting or how it ended, and what happens next and when."],
  "skills.list": ["List the skills of a workspace", "By name, in pages of at most 200."],
  "skills.one": ["Get a skill", "A skill with its files."],
  "skills.remove": ["Delete a skill", "For the person who imported it, and for owners and admins."],
  "tasks.create": [
    "Create a task",
    "Queues a piece of work for a runtime's agent. `Idempotency-Key` makes a repeated call return the same task for 24 h."
  ],
  "tasks.list": ["List tasks", "The tasks of the workspace, newest first. Long texts are cut to 1,000 characters."],
  "tasks.one": ["Get a task", "With `wait` (seconds, at most 60), responds as soon as the task has ended."],
  "tasks.explain": [
    "Explain a task",
    "Why a task waits, what it does, or how it ended, and what happens next by itself."
  ],
  "tasks.events": ["Read the log of a task", "A page of the log after the offset `after`, at most 1,000 entries."],
  "tasks.stream": [
    "Follow the log of a task",
    "Server-sent events: what there is after `after` or `Last-Event-ID`, then what comes, until the task has ended."
  ],
  "tasks.cancel": [
    "Cancel a task",
    "A queued task ends at once; a claimed one when its daemon has ended all its processes."
  ],
  "tasks.retry": ["Repeat a task", "Creates a new task that asks for the same as one that has ended."],
  "ownTask.show": ["Get the calling task", "For an agent: the task whose token (`mtk_…`) the call has."],
  "audit.list": [
    "Read the audit log",
    "For owners and admins: who changed what, newest first; `format=jsonl` exports at most 100,000 events."
  ],
  "backup.make": [
    "Save the data of this server",
    "For the owner of the installation: the embedded database and the owner's token as a gzipped tar, while the server runs."
  ],
  "machines.list": ["List machines", "The machines of the workspace, and the daemons that run with a person's token."],
  "machines.one": ["Get a machine", "A machine and its runtimes in the workspace of the call."],
  "machines.add": ["Add a machine", "Returns a join token, which works once, within 1 h. It is shown only here."],
  "machines.keys": ["List join keys", "For owners and admins: the join keys of the workspace."],
  "machines.createKey": [
    "Create a join key",
    "For owners and admins. Several machines join with it. It is shown only here."
  ],
  "machines.revokeKey": ["Revoke a join key", "For owners and admins. Machines that joined with it remain."],
  "machines.edit": ["Change a machine", "Renames, labels, drains or resumes it. Absent and null do not change."],
  "machines.remove": [
    "Remove a machine",
    "Removes the machine and its runtimes; its credential ends where no workspace is left."
  ]
}

const daemons: Readonly<Record<string, Texts>> = {
  "join.join": ["Join as a machine", "Exchanges a join token or key for the credential of this machine."],
  "machineCredential.machine": ["Get your machine", "The machine of the call's credential."],
  "machineCredential.renew": ["Renew a machine's credential", "The old one is valid until the new one was used."],
  "daemon.register": [
    "Register runtimes",
    "The CLIs of a machine for one workspace, each validated separately (protocol 5.2)."
  ],
  "daemon.deregister": ["Deregister runtimes", "The daemon's last call (protocol 5.3)."],
  "daemon.repos": ["Get the repositories for a daemon", "The repositories and settings of a workspace (protocol 5.5)."],
  "daemonLoop.heartbeat": ["Send a heartbeat", "The reply carries the work to pick up (protocol 5.4)."],
  "daemonLoop.report": [
    "Report a result",
    "The result of a request. Late and repeated reports change nothing (protocol 7.5)."
  ],
  "daemonLoop.socket": ["Open the socket", "A WebSocket for heartbeats and wakes (protocol 6)."],
  "daemonTasks.claim": ["Claim tasks", "At most the daemon's free slots (protocol 9.13)."],
  "daemonTasks.beat": [
    "Beat for held tasks",
    "The sign of life of all held tasks. The reply carries orders: cancel, stop."
  ],
  "daemonTasks.inventory": [
    "Send the inventory",
    "At its start, a daemon names the tasks that it still has; the others end or repeat."
  ],
  "daemonTasks.renew": ["Extend a task's preparation", "Gives 45 s more before the task runs, 15 minutes in all."],
  "daemonTasks.release": ["Release a task", "It was not started and is queued again, without counting as an attempt."],
  "daemonTasks.begin": ["Begin a task", "The task is running now."],
  "daemonTasks.events": [
    "Append to a task's log",
    "Numbered events. A gap is refused with the number that is expected."
  ],
  "daemonTasks.pin": ["Report the agent's session", "The session by which a later attempt goes on."],
  "daemonTasks.settle": ["End a task", "How the attempt ended. The first end counts."],
  "legacyTasks.claim": ["Claim a task (v0.3.1)", "At most one task, in the form of a chat (protocol 9.2)."],
  "legacyTasks.recoverOrphans": [
    "Recover orphans (v0.3.1)",
    "What ran on the runtime before the daemon's start is lost (protocol 9.9)."
  ],
  "legacyTasks.start": ["Start a task (v0.3.1)", "The task is running now (protocol 9.3)."],
  "legacyTasks.progress": ["Report progress (v0.3.1)", "A line about what the agent does (protocol 9.4)."],
  "legacyTasks.messages": ["Report messages (v0.3.1)", "What the agent says and does (protocol 9.5)."],
  "legacyTasks.told": ["List messages (v0.3.1)", "What the agent said and did, after `since` (protocol 9.10a)."],
  "legacyTasks.usage": ["Report usage (v0.3.1)", "Tokens per model (protocol 9.6)."],
  "legacyTasks.session": ["Report the session (v0.3.1)", "The session with which the task can go on (protocol 9.7)."],
  "legacyTasks.status": ["Get the status of a task (v0.3.1)", "A daemon learns a cancel from it (protocol 9.11)."],
  "legacyTasks.complete": ["Complete a task (v0.3.1)", "The first end counts (protocol 9.8)."],
  "legacyTasks.fail": ["Fail a task (v0.3.1)", "The first end counts (protocol 9.8)."],
  "legacyTasks.taskKept": [
    "Check a task's folder (v0.3.1)",
    "Whether a daemon may delete the folder of a task (protocol 9.10)."
  ],
  "legacyTasks.chatKept": [
    "Check a chat's folder (v0.3.1)",
    "Whether a daemon may delete the folder of a chat (protocol 9.10)."
  ],
  "legacyTasks.pending": ["List pending tasks (v0.3.1)", "The queued tasks of a runtime (protocol 9.10a)."]
}

const table: Readonly<Record<string, Texts>> = { ...requests, ...people, ...daemons }

const scopeText = (operation: string) => {
  const [group = "", endpoint = ""] = operation.split(".")
  const scope = EndpointScopes.of(group, endpoint)
  return scope === undefined || scope === "public" ? "" : ` Scope: \`${scope}\`.`
}

/** The texts of an operation of the OpenAPI document, by its id; undefined: it has none, which `npm run check` reports. */
export const of = (operation: string): { readonly summary: string; readonly description: string } | undefined => {
  if (!Object.hasOwn(table, operation)) return undefined
  const [summary, description] = table[operation]!
  return { summary, description: `${description}${scopeText(operation)}` }
}
