import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { wholeNumberFlag } from "../flag/Flags.ts"
import { workspaceFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

/** The number of requests that the server keeps. */
const maxRequests = 100

export const requests = Command.make(
  "requests",
  {
    limit: wholeNumberFlag("limit", { min: 1, max: maxRequests }).pipe(
      Flag.withDescription(`The maximum number of requests, 1 to ${maxRequests}`),
      Flag.withDefault(20)
    ),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*({ limit, workspace }) {
    const { json } = yield* muster
    const { listRequests } = yield* Effect.promise(() => import("../request/ListRequests.ts"))
    yield* listRequests({ limit, workspace, json })
  })
).pipe(
  Command.withDescription("List the latest requests of the workspace and their results, newest first."),
  Command.withShortDescription("List the latest requests and their results")
)
