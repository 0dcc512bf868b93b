import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { dataFlag, workspaceFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

const load = Effect.promise(() => import("../task/Tasks.ts"))

const task = Argument.String("task").pipe(
  Argument.withDescription("The task's id, or its first characters")
)

const filters = {
  runtime: Flag.String("runtime").pipe(Flag.withDescription("Only those of this runtime"), Flag.optional),
  status: Flag.String("status").pipe(
    Flag.withDescription("Only those with these statuses, separated by commas, such as queued,running"),
    Flag.optional
  ),
  mine: Flag.Boolean("mine").pipe(
    Flag.withoutNegation,
    Flag.withDescription("Only those that you created"),
    Flag.withDefault(false)
  ),
  workspace: workspaceFlag
}

const list = Effect.fnUntraced(function*(input: Command.Command.Config.Infer<typeof filters>) {
  const { json } = yield* muster
  yield* (yield* load).listTasks({ ...input, json })
})

/** `muster tasks` */
export const tasks = Command.make("tasks", filters, list).pipe(
  Command.withSubcommands([
    Command.make("list", filters, list).pipe(Command.withDescription("List the last tasks, newest first.")),
    Command.make(
      "show",
      { task, workspace: workspaceFlag },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        yield* (yield* load).showTask({ ...input, json })
      })
    ).pipe(Command.withDescription("Show a task: its state and why, its folder and model, its tokens, its result.")),
    Command.make(
      "log",
      {
        task,
        follow: Flag.Boolean("follow").pipe(
          Flag.withAlias("f"),
          Flag.withoutNegation,
          Flag.withDescription("Go on until the task has ended"),
          Flag.withDefault(false)
        ),
        workspace: workspaceFlag
      },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        yield* (yield* load).taskLog({ ...input, json })
      })
    ).pipe(Command.withDescription("Print what the agent said and did; with --json one event per line.")),
    Command.make(
      "cancel",
      { task, workspace: workspaceFlag },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        yield* (yield* load).cancelTask({ ...input, json })
      })
    ).pipe(Command.withDescription("Cancel a task. Its daemon ends every process of it within 15 seconds.")),
    Command.make(
      "retry",
      { task, workspace: workspaceFlag },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        yield* (yield* load).retryTask({ ...input, json })
      })
    ).pipe(Command.withDescription("Make a new task that asks for the same as one that has ended."))
  ]),
  Command.withDescription("List the tasks of the workspace, show, follow, cancel and repeat them."),
  Command.withShortDescription("List, follow and cancel tasks"),
  Command.withExamples([
    { command: "muster tasks --status running", description: "See what agents do now" },
    { command: "muster tasks log -f 3f2a91c0", description: "Follow a task" }
  ])
)

const loadFolders = Effect.promise(() => import("../task/Folders.ts"))
const folder = Argument.String("folder").pipe(Argument.withDescription("A folder of this machine"))

const listOpen = Effect.fnUntraced(function*(input: { readonly data: string }) {
  const { json } = yield* muster
  yield* (yield* loadFolders).listFolders({ ...input, json })
})

/** `muster folders` */
export const folders = Command.make("folders", { data: dataFlag }, listOpen).pipe(
  Command.withSubcommands([
    Command.make("list", { data: dataFlag }, listOpen).pipe(
      Command.withDescription("List the folders of this machine that are open to tasks.")
    ),
    Command.make(
      "add",
      { folder, data: dataFlag },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        yield* (yield* loadFolders).addFolder({ ...input, json })
      })
    ).pipe(Command.withDescription("Open a folder of this machine, and those below it, to tasks.")),
    Command.make(
      "remove",
      { folder, data: dataFlag },
      Effect.fnUntraced(function*(input) {
        const { json } = yield* muster
        yield* (yield* loadFolders).removeFolder({ ...input, json })
      })
    ).pipe(Command.withDescription("Close a folder. A task that runs in it goes on."))
  ]),
  Command.withDescription(
    "List, open and close folders of this machine for tasks. Only what its owner opens here, or by the daemon's variable " +
      "MUSTER_TASK_FOLDERS, is open; a server cannot open any."
  ),
  Command.withShortDescription("Choose which folders of this machine tasks may use")
)
