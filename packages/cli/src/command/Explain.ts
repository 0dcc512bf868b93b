import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { workspaceFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

/** The id of a task has a dash after 8 characters, or is the start of such a one; that of a request has 32 without any. */
const isTask = (text: string) => /^[0-9a-f]{4,8}(-[0-9a-f-]*)?$/i.test(text.trim())

export const explain = Command.make(
  "explain",
  {
    subject: Argument.String("id").pipe(
      Argument.withDescription(
        "The id of a request (muster requests) or of a task (muster tasks), or the first characters of a task's"
      )
    ),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*({ subject, workspace }) {
    const { json } = yield* muster
    if (isTask(subject)) {
      const { explainTask } = yield* Effect.promise(() => import("../task/Tasks.ts"))
      return yield* explainTask({ task: subject, workspace, json })
    }
    const { explain } = yield* Effect.promise(() => import("../request/ExplainRequest.ts"))
    yield* explain({ request: subject, workspace, json })
  })
).pipe(
  Command.withDescription(
    "Show why a request or a task is waiting or how it ended. Of a request: whether its runtime is online and where it is connected, how often " +
      "the request was delivered, and what happens next and when."
  ),
  Command.withShortDescription("Show why a request or a task is waiting or how it ended")
)
