import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { wholeNumberFlag, workspaceFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

const machine = Argument.String("machine").pipe(
  Argument.withDescription("The machine: its name, its id, or the first characters of its id")
)

const labelFlag = Flag.String("label").pipe(
  Flag.withDescription("A label, such as gpu or os=linux; repeat the flag for more (at most 16)"),
  Flag.atLeast(0)
)

const flag = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withoutNegation, Flag.withDescription(description), Flag.withDefault(false))

const load = Effect.promise(() => import("../machine/Machines.ts"))

const listCommand = Command.make(
  "list",
  { workspace: workspaceFlag },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    yield* (yield* load).listMachines({ ...input, json })
  })
).pipe(Command.withDescription("List the machines of the workspace, and the daemons that have not joined."))

const showCommand = Command.make(
  "show",
  { machine, workspace: workspaceFlag },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    yield* (yield* load).showMachine({ ...input, json })
  })
).pipe(Command.withDescription("Show a machine: its runtimes, labels, drain and credential."))

const addCommand = Command.make(
  "add",
  {
    name: Flag.String("name").pipe(
      Flag.withDescription("The machine's name (default: what it calls itself)"),
      Flag.optional
    ),
    label: labelFlag,
    server: Flag.String("server").pipe(
      Flag.withDescription("The server's URL as the other machine reaches it (default: the URL that you use)"),
      Flag.optional
    ),
    wait: flag("wait", "Wait until the machine has joined, and list the agent CLIs that it found"),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const { addMachine } = yield* Effect.promise(() => import("../machine/AddMachine.ts"))
    yield* addMachine({ ...input, json })
  })
).pipe(
  Command.withDescription(
    "Add a machine of yours to the workspace. Prints one command for that machine. Its token works once, within 1 hour."
  ),
  Command.withExamples([{
    command: "muster machines add --name laptop --wait",
    description: "Print the command, and wait for the machine"
  }])
)

const renameCommand = Command.make(
  "rename",
  { machine, name: Argument.String("name").pipe(Argument.withDescription("The new name")), workspace: workspaceFlag },
  Effect.fnUntraced(function*({ name, ...input }) {
    const { json } = yield* muster
    yield* (yield* load).editMachine({ ...input, json, edit: { name } })
  })
).pipe(Command.withDescription("Rename a machine."))

const labelCommand = Command.make(
  "label",
  {
    machine,
    labels: Argument.String("label").pipe(
      Argument.withDescription("The labels that the machine has from now on; none: it has no labels"),
      Argument.atLeast(0)
    ),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*({ labels, ...input }) {
    const { json } = yield* muster
    yield* (yield* load).editMachine({ ...input, json, edit: { labels } })
  })
).pipe(Command.withDescription("Replace the labels of a machine."))

const drainCommand = Command.make(
  "drain",
  {
    machine,
    note: Flag.String("note").pipe(Flag.withDescription("Why; people who ask it see it"), Flag.optional),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*({ note, ...input }) {
    const { json } = yield* muster
    const edit = { drain: true, ...Option.match(note, { onNone: () => ({}), onSome: (note) => ({ note }) }) }
    yield* (yield* load).editMachine({ ...input, json, edit })
  })
).pipe(Command.withDescription("Give a machine no new work. What runs on it ends."))

const resumeCommand = Command.make(
  "resume",
  { machine, workspace: workspaceFlag },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    yield* (yield* load).editMachine({ ...input, json, edit: { drain: false } })
  })
).pipe(Command.withDescription("End the drain of a machine."))

const removeCommand = Command.make(
  "remove",
  { machine, workspace: workspaceFlag },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    yield* (yield* load).removeMachine({ ...input, json })
  })
).pipe(
  Command.withDescription(
    "Remove a machine and its runtimes: your own from all workspaces, another person's from this one (owners and admins). " +
      "Its credential ends, and its daemon stops working."
  )
)

const loadKeys = Effect.promise(() => import("../machine/JoinKeys.ts"))

const keysListCommand = Command.make(
  "list",
  { workspace: workspaceFlag },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    yield* (yield* loadKeys).listKeys({ ...input, json })
  })
).pipe(Command.withDescription("List the join keys of the workspace."))

const keysCreateCommand = Command.make(
  "create",
  {
    name: Flag.String("name").pipe(Flag.withDescription("What the key is for"), Flag.optional),
    label: labelFlag,
    ephemeral: flag("ephemeral", "Remove its machines when they deregister or are silent for 10 minutes"),
    maxUses: wholeNumberFlag("max-uses", { min: 1, max: 100_000 }).pipe(
      Flag.withDescription("How many machines can join (default: any number)"),
      Flag.optional
    ),
    days: wholeNumberFlag("days", { min: 1, max: 90 }).pipe(
      Flag.withDescription("For how many days it is valid (default: 30, at most 90)"),
      Flag.optional
    ),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    yield* (yield* loadKeys).createKey({ ...input, json })
  })
).pipe(
  Command.withDescription("Create a key by which several machines join, such as build machines. It is shown once."),
  Command.withExamples([{
    command: "muster machines keys create --name ci --label ci --ephemeral",
    description: "For MUSTER_JOIN_KEY of `muster daemon` in CI"
  }])
)

const keysRevokeCommand = Command.make(
  "revoke",
  {
    key: Argument.String("key").pipe(
      Argument.withDescription("The key: its name, its id, or the first characters of its id")
    ),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    yield* (yield* loadKeys).revokeKey({ ...input, json })
  })
).pipe(Command.withDescription("Revoke a join key. Machines that joined with it stay."))

const keysCommand = Command.make("keys").pipe(
  Command.withSubcommands([keysListCommand, keysCreateCommand, keysRevokeCommand]),
  Command.withDescription("Join keys, by which several machines join (owners and admins)."),
  Command.withShortDescription("Manage join keys")
)

export const machines = Command.make(
  "machines",
  { workspace: workspaceFlag },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    yield* (yield* load).listMachines({ ...input, json })
  })
).pipe(
  Command.withSubcommands([
    listCommand,
    showCommand,
    addCommand,
    renameCommand,
    labelCommand,
    drainCommand,
    resumeCommand,
    removeCommand,
    keysCommand
  ]),
  Command.withDescription("List the machines of the workspace; add, drain and remove them."),
  Command.withShortDescription("List, add, drain and remove machines")
)
