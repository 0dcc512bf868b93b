import { Effect, type Option } from "effect"
import { Argument, Command } from "effect/cli"
import { workspaceFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

const load = Effect.promise(() => import("../repository/Repositories.ts"))

const urls = Argument.String("url").pipe(
  Argument.withDescription("The repository's URL, such as https://git.example.org/team/project"),
  Argument.atLeast(1)
)

const list = Effect.fnUntraced(function*(input: { readonly workspace: Option.Option<string> }) {
  const { json } = yield* muster
  yield* (yield* load).listRepositories({ ...input, json })
})

/** `muster repos` */
export const repos = Command.make("repos", { workspace: workspaceFlag }, list).pipe(
  Command.withSubcommands([
    Command.make("list", { workspace: workspaceFlag }, list).pipe(
      Command.withDescription("List the repositories that agents of the workspace may check out.")
    ),
    Command.make(
      "add",
      { urls, workspace: workspaceFlag },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        yield* (yield* load).addRepositories({ ...input, json })
      })
    ).pipe(Command.withDescription("Add repositories (owners and admins). One that the list has already stays.")),
    Command.make(
      "remove",
      { urls, workspace: workspaceFlag },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        yield* (yield* load).removeRepositories({ ...input, json })
      })
    ).pipe(Command.withDescription("Remove repositories (owners and admins). Checkouts that exist stay."))
  ]),
  Command.withDescription(
    "List the repositories that agents of the workspace may check out, add and remove them. Machines refuse all others."
  ),
  Command.withShortDescription("List and manage the repositories of the workspace"),
  Command.withExamples([
    { command: "muster repos add https://git.example.org/team/project", description: "Allow a repository" },
    { command: "muster repos --json", description: "Print the list with its version, for use in a script" }
  ])
)
