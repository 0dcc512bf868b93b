import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { workspaceFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

const runtime = Argument.String("runtime").pipe(
  Argument.withDescription("An id, the first characters of one, a name, or a provider such as opencode")
)

const values = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(`${description}; repeat the flag for alternatives`), Flag.atLeast(0))

const on = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withoutNegation, Flag.withDescription(description), Flag.withDefault(false))

/** The flags of a list. */
const listFlags = {
  status: Flag.Literals("status", ["online", "trouble", "offline", "busy"]).pipe(
    Flag.withDescription(
      "Only those that are online, offline, in trouble (online and need attention) or busy; repeat the flag for alternatives"
    ),
    Flag.atLeast(0)
  ),
  provider: values("provider", "Only those of this provider, such as codex"),
  owner: values("owner", "Only those of this member: me, an e-mail address, a name or an id"),
  machine: values("machine", "Only those of this machine: its name, or its daemon's id"),
  label: values("label", "Only those of machines with this label"),
  search: Flag.String("search").pipe(
    Flag.withDescription("Only those in which all these words occur: name, machine, provider, owner, version, label"),
    Flag.optional
  ),
  sort: Flag.Literals("sort", ["trouble", "name", "seen"]).pipe(
    Flag.withDescription("The order: what needs attention first, by name, or the last seen first (default: trouble)"),
    Flag.withDefault("trouble")
  ),
  format: Flag.String("format").pipe(
    Flag.withDescription("Print this text for each runtime, with fields of --json in braces: '{id} {machine_name}'"),
    Flag.optional
  ),
  watch: on("watch", "Show changes as they happen, until Ctrl-C; with --json one document per line and change"),
  workspace: workspaceFlag
}

const list = Effect.fnUntraced(function*(input: Command.Command.Config.Infer<typeof listFlags>) {
  const { json } = yield* muster
  const { listRuntimes } = yield* Effect.promise(() => import("../runtime/ListRuntimes.ts"))
  yield* listRuntimes({ ...input, json })
})

const examples = [
  { command: "muster runtimes --status trouble", description: "List what needs attention" },
  { command: "muster ls --owner me --format '{name}'", description: "Print the names of your runtimes" },
  { command: "muster ls --machine laptop --watch", description: "Watch the runtimes of one machine" }
]

const listCommand = Command.make("list", listFlags, list).pipe(
  Command.withDescription("List the runtimes of the workspace: every agent CLI on every machine, online or offline."),
  Command.withShortDescription("List the runtimes of the workspace"),
  Command.withExamples(examples)
)

const load = Effect.promise(() => import("../runtime/ManageRuntimes.ts"))

const showCommand = Command.make(
  "show",
  { runtime, workspace: workspaceFlag },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    yield* (yield* load).showRuntime({ ...input, json })
  })
).pipe(Command.withDescription("Show a runtime: its machine, owner and versions, and whether its CLI works."))

const renameCommand = Command.make(
  "rename",
  { runtime, name: Argument.String("name").pipe(Argument.withDescription("The new name")), workspace: workspaceFlag },
  Effect.fnUntraced(function*({ name, ...input }) {
    const { json } = yield* muster
    yield* (yield* load).editRuntime({ ...input, json, edit: { name } })
  })
).pipe(Command.withDescription("Rename a runtime. Later registrations keep the name."))

const optional = (flag: Flag.Flag<string>, description: string) =>
  flag.pipe(Flag.withDescription(description), Flag.optional)

const editCommand = Command.make(
  "edit",
  {
    runtime,
    name: optional(Flag.String("name"), "Its name"),
    visibility: Flag.Literals("visibility", ["private", "public"]).pipe(
      Flag.withDescription("Who can use it: its owner, or every member"),
      Flag.optional
    ),
    timezone: optional(Flag.String("timezone"), "Its IANA time zone, such as Europe/Berlin"),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*({ name, runtime, timezone, visibility, workspace }) {
    const { json } = yield* muster
    const { editFrom, editRuntime } = yield* load
    yield* editRuntime({ runtime, workspace, json, edit: yield* editFrom({ name, visibility, timezone }) })
  })
).pipe(Command.withDescription("Change the name, the visibility or the time zone of a runtime."))

const deleteCommand = Command.make(
  "delete",
  { runtimes: runtime.pipe(Argument.atLeast(1)), workspace: workspaceFlag },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    yield* (yield* load).deleteRuntimes({ ...input, json })
  })
).pipe(
  Command.withDescription(
    "Delete runtimes. A daemon that runs registers its runtimes again within seconds, with new ids."
  ),
  Command.withShortDescription("Delete runtimes")
)

export const open = Command.make(
  "open",
  {
    runtime,
    print: on("print", "Print the address only"),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const { openRuntime } = yield* Effect.promise(() => import("../runtime/OpenRuntime.ts"))
    yield* openRuntime({ ...input, json })
  })
).pipe(
  Command.withDescription(
    "Print the address of a runtime's page in the console, and open it in a browser if there is one."
  ),
  Command.withShortDescription("Open a runtime's page in the console")
)

export const runtimes = Command.make("runtimes", listFlags, list).pipe(
  Command.withDescription(
    "List the runtimes of the workspace: every agent CLI on every machine, online or offline. What needs attention comes first."
  ),
  Command.withShortDescription("List the runtimes of the workspace"),
  Command.withExamples(examples),
  Command.withAlias("ls"),
  Command.withSubcommands([listCommand, showCommand, renameCommand, editCommand, deleteCommand])
)
