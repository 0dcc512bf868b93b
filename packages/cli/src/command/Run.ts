import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { workspaceFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

export const run = Command.make(
  "run",
  {
    runtime: Argument.String("runtime").pipe(
      Argument.withDescription("An id, the first characters of one, a name, or a provider such as opencode")
    ),
    prompt: Argument.String("prompt").pipe(
      Argument.withDescription("What is to be done; - reads it from stdin")
    ),
    folder: Flag.String("folder").pipe(
      Flag.withDescription("A folder of the runtime's machine that is open to tasks (default: a new one)"),
      Flag.optional
    ),
    model: Flag.String("model").pipe(
      Flag.withDescription("The model (default: the runtime's default model, else the CLI's own)"),
      Flag.optional
    ),
    policy: Flag.Literals("policy", ["all", "none"]).pipe(
      Flag.withDescription("What the agent may do when it asks: all calls of tools, or none (default: all)"),
      Flag.withDefault("all" as const)
    ),
    priority: Flag.Int("priority").pipe(
      Flag.withDescription("-10 to 10; higher is first (default: 0)"),
      Flag.withDefault(0)
    ),
    key: Flag.String("key").pipe(
      Flag.withDescription("Of the tasks of the workspace with one key, one runs at a time"),
      Flag.optional
    ),
    idempotencyKey: Flag.String("idempotency-key").pipe(
      Flag.withDescription("A repeated call with this key makes no second task"),
      Flag.optional
    ),
    follow: Flag.Boolean("follow").pipe(
      Flag.withAlias("f"),
      Flag.withoutNegation,
      Flag.withDescription("Show what happens until the task has ended; with --json one event per line"),
      Flag.withDefault(false)
    ),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const { runTask } = yield* Effect.promise(() => import("../task/RunTask.ts"))
    yield* runTask({ ...input, json })
  })
).pipe(
  Command.withDescription(
    "Give a runtime's agent work: a task. It is queued until the runtime takes it, and goes on when this command ends. " +
      "With --follow the exit code is 0 if it completed, 6 if it failed, 9 if it was canceled, 10 if its policy rejected " +
      "something, 11 if a limit of time passed."
  ),
  Command.withShortDescription("Give a runtime's agent work"),
  Command.withExamples([
    {
      command: "muster run codex \"fix the failing test\" --folder ~/project --follow",
      description: "Work in a folder"
    },
    { command: "muster run opencode - --json < task.md", description: "Read the prompt from a file" }
  ])
)
