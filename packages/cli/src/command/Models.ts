import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { workspaceFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

export const models = Command.make(
  "models",
  {
    runtime: Argument.String("runtime").pipe(
      Argument.withDescription("An id, the first characters of one, a name, or a provider such as opencode")
    ),
    workspace: workspaceFlag,
    fresh: Flag.Boolean("fresh").pipe(
      Flag.withoutNegation,
      Flag.withDescription("Ask the machine even if the server has a list from the last 24 hours"),
      Flag.withDefault(false)
    ),
    model: Flag.String("default").pipe(
      Flag.withMetavar("model"),
      Flag.withDescription("Do not list: keep this model as the one that tasks use if they name none"),
      Flag.optional
    ),
    none: Flag.Boolean("no-default").pipe(
      Flag.withoutNegation,
      Flag.withDescription("Do not list: keep no default model, so that the CLI decides"),
      Flag.withDefault(false)
    )
  },
  Effect.fnUntraced(function*({ fresh, model, none, runtime, workspace }) {
    const { json } = yield* muster
    if (none || Option.isSome(model)) {
      const { setDefaultModel } = yield* Effect.promise(() => import("../runtime/DefaultModel.ts"))
      return yield* setDefaultModel({ runtime, workspace, model, none, json })
    }
    const { listModels } = yield* Effect.promise(() => import("../runtime/ListModels.ts"))
    yield* listModels({ runtime, workspace, fresh, json })
  })
).pipe(
  Command.withDescription(
    "List the models that a runtime can run, or choose its default model. Progress is printed to stderr."
  ),
  Command.withShortDescription("List the models that a runtime can run"),
  Command.withExamples([
    { command: "muster models opencode", description: "Ask the only online opencode" },
    { command: "muster models 3f2a91c0 --json", description: "Ask one runtime by its id, for use in a script" },
    { command: "muster models opencode --default big/pickle", description: "Choose what tasks run with" }
  ])
)
