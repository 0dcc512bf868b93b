import { Effect, type Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { wholeNumberFlag, workspaceFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

const loadMembers = Effect.promise(() => import("../people/Members.ts"))
const loadInvitations = Effect.promise(() => import("../people/Invitations.ts"))
const loadWorkspaces = Effect.promise(() => import("../people/Workspaces.ts"))
const loadAccount = Effect.promise(() => import("../people/Account.ts"))

const member = Argument.String("member").pipe(
  Argument.withDescription("The member: e-mail address, name, id, or the first characters of the id")
)

const listMembers = Effect.fnUntraced(function*(input: { readonly workspace: Option.Option<string> }) {
  const { json } = yield* muster
  yield* (yield* loadMembers).listMembers({ ...input, json })
})

/** `muster members` */
export const members = Command.make("members", { workspace: workspaceFlag }, listMembers).pipe(
  Command.withSubcommands([
    Command.make("list", { workspace: workspaceFlag }, listMembers).pipe(
      Command.withDescription("List the members of the workspace with their roles.")
    ),
    Command.make(
      "role",
      {
        member,
        role: Argument.Literals("role", ["owner", "admin", "member"]).pipe(Argument.withDescription("The new role")),
        workspace: workspaceFlag
      },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        yield* (yield* loadMembers).changeRole({ ...input, json })
      })
    ).pipe(Command.withDescription("Change the role of a member.")),
    Command.make(
      "remove",
      { member, workspace: workspaceFlag },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        yield* (yield* loadMembers).removeMember({ ...input, json })
      })
    ).pipe(
      Command.withDescription(
        "Remove a member. They lose access within 10 s, and their runtimes and machines leave the workspace."
      )
    )
  ]),
  Command.withDescription("List the members of the workspace, change their roles, remove them."),
  Command.withShortDescription("List and manage the members of the workspace")
)

/** `muster invite` */
export const invite = Command.make(
  "invite",
  {
    email: Flag.String("email").pipe(
      Flag.withDescription("Only the person with this e-mail address can accept (default: anyone with the link)"),
      Flag.optional
    ),
    role: Flag.Literals("role", ["admin", "member"]).pipe(
      Flag.withDescription("The role that the person gets (default: member)"),
      Flag.withDefault("member" as const)
    ),
    days: wholeNumberFlag("expires", { min: 1, max: 30 }).pipe(
      Flag.withDescription("The number of days for which it can be accepted, 1 to 30 (default: 7)"),
      Flag.optional
    ),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    yield* (yield* loadInvitations).invite({ ...input, json })
  })
).pipe(
  Command.withSubcommands([
    Command.make(
      "list",
      { workspace: workspaceFlag },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        yield* (yield* loadInvitations).listInvitations({ ...input, json })
      })
    ).pipe(Command.withDescription("List the invitations that can still be accepted.")),
    Command.make(
      "revoke",
      {
        invitation: Argument.String("invitation").pipe(
          Argument.withDescription("The invitation: its id, the first characters of its id, or its e-mail address")
        ),
        workspace: workspaceFlag
      },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        yield* (yield* loadInvitations).revokeInvitation({ ...input, json })
      })
    ).pipe(Command.withDescription("Revoke an invitation."))
  ]),
  Command.withDescription(
    "Invite a person to the workspace (owners and admins). Prints a link that works once, within 7 days."
  ),
  Command.withShortDescription("Invite a person to the workspace"),
  Command.withExamples([
    { command: "muster invite --role admin", description: "A link for anyone whom you send it to" },
    { command: "muster invite --email ada@example.com", description: "A link for one person" }
  ])
)

const workspace = Argument.String("workspace").pipe(Argument.withDescription("The workspace, by slug, name or id"))
const slugFlag = Flag.String("slug").pipe(
  Flag.withDescription("The name in URLs and commands: lower-case letters, digits and hyphens"),
  Flag.optional
)

const listWorkspaces = Effect.fnUntraced(function*() {
  yield* (yield* loadWorkspaces).listWorkspaces(yield* muster)
})

/** `muster workspaces` */
export const workspaces = Command.make("workspaces", {}, listWorkspaces).pipe(
  Command.withSubcommands([
    Command.make("list", {}, listWorkspaces).pipe(
      Command.withDescription("List your workspaces; the one that commands use is marked.")
    ),
    Command.make(
      "create",
      { name: Argument.String("name").pipe(Argument.withDescription("Its name")), slug: slugFlag },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        yield* (yield* loadWorkspaces).createWorkspace({ ...input, json })
      })
    ).pipe(Command.withDescription("Create a workspace. You are its owner, and later commands use it.")),
    Command.make(
      "switch",
      { workspace },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        yield* (yield* loadWorkspaces).switchWorkspace({ ...input, json })
      })
    ).pipe(Command.withDescription("Choose the workspace that later commands use.")),
    Command.make(
      "rename",
      {
        name: Argument.String("name").pipe(Argument.withDescription("The new name")),
        slug: slugFlag,
        workspace: workspaceFlag
      },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        yield* (yield* loadWorkspaces).renameWorkspace({ ...input, json })
      })
    ).pipe(Command.withDescription("Rename the workspace (owners and admins).")),
    Command.make(
      "settings",
      {
        coAuthor: Flag.Literals("co-author", ["on", "off"]).pipe(
          Flag.withDescription("Whether commits of agents name them as co-authors (owners and admins)"),
          Flag.optional
        ),
        workspace: workspaceFlag
      },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        const { workspaceSettings } = yield* Effect.promise(() => import("../repository/Repositories.ts"))
        yield* workspaceSettings({ ...input, json })
      })
    ).pipe(Command.withDescription("Show the settings of the workspace, and change those that are given.")),
    Command.make(
      "leave",
      { workspace: workspaceFlag },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        yield* (yield* loadWorkspaces).leaveWorkspace({ ...input, json })
      })
    ).pipe(Command.withDescription("Leave the workspace. Your runtimes and machines leave it, too.")),
    Command.make(
      "delete",
      {
        workspace,
        confirm: Flag.String("confirm").pipe(
          Flag.withDescription("The workspace's slug; without it the command only lists what would be lost"),
          Flag.optional
        )
      },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        yield* (yield* loadWorkspaces).deleteWorkspace({ ...input, json })
      })
    ).pipe(Command.withDescription("Delete a workspace and everything in it (owners)."))
  ]),
  Command.withDescription(
    "List your workspaces; create, switch, rename, leave or delete one, and change its settings."
  ),
  Command.withShortDescription("List and manage your workspaces")
)

/** `muster whoami` */
export const whoami = Command.make(
  "whoami",
  {},
  Effect.fnUntraced(function*() {
    yield* (yield* loadAccount).whoami(yield* muster)
  })
).pipe(
  Command.withDescription("Show who you are, on which server, with which token and in which workspace."),
  Command.withShortDescription("Show who you are")
)

/** `muster logout` */
export const logout = Command.make(
  "logout",
  {},
  Effect.fnUntraced(function*() {
    yield* (yield* loadAccount).logout(yield* muster)
  })
).pipe(
  Command.withDescription("Remove the saved profile. The token itself remains valid until you revoke it."),
  Command.withShortDescription("Sign out of the server")
)
