import { Console, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { jsonText } from "../output/Text.ts"
import { muster } from "./Root.ts"

export const completion = Command.make(
  "completion",
  {
    shell: Argument.Literals("shell", ["bash", "zsh", "fish"]).pipe(
      Argument.withDescription("The shell to complete in")
    )
  },
  Effect.fnUntraced(function*({ shell }) {
    const { json } = yield* muster
    const { completionScript } = yield* Effect.promise(() => import("../Cli.ts"))
    const script = completionScript(shell)
    yield* Console.log(json ? jsonText({ shell, script }) : script)
  })
).pipe(
  Command.withDescription("Print a completion script for your shell's start-up file."),
  Command.withShortDescription("Print a shell's completion script"),
  Command.withExamples([
    { command: "source <(muster completion bash)", description: "Complete in this bash" },
    { command: "muster completion fish | source", description: "Complete in this fish" }
  ])
)
