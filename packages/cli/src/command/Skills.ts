import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { workspaceFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

const runtime = Argument.String("runtime").pipe(
  Argument.withDescription("An id, the first characters of one, a name, or a provider such as claude")
)

const skill = Argument.String("skill").pipe(
  Argument.withDescription("A name, an id, or the first characters of one")
)

const listCommand = Command.make(
  "list",
  { runtime, workspace: workspaceFlag },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const { listSkills } = yield* Effect.promise(() => import("../skill/ListSkills.ts"))
    yield* listSkills({ ...input, json })
  })
).pipe(
  Command.withDescription("Ask a runtime which skills lie on its machine. The request's way shows on stderr."),
  Command.withShortDescription("List the skills on a runtime's machine"),
  Command.withExamples([{
    command: "muster skills list claude",
    description: "Those of the only claude that is online"
  }])
)

const importCommand = Command.make(
  "import",
  {
    runtime,
    keys: Argument.String("key").pipe(
      Argument.withDescription("Skills by their keys, as `muster skills list` shows them"),
      Argument.atLeast(0)
    ),
    all: Flag.Boolean("all").pipe(
      Flag.withoutNegation,
      Flag.withDescription("All skills that lie there"),
      Flag.withDefault(false)
    ),
    name: Flag.String("name").pipe(
      Flag.withDescription("What to call the skill instead (with one key)"),
      Flag.optional
    ),
    overwrite: Flag.Boolean("overwrite").pipe(
      Flag.withoutNegation,
      Flag.withDescription("Replace skills of the same names that are yours"),
      Flag.withDefault(false)
    ),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const { importSkills } = yield* Effect.promise(() => import("../skill/ImportSkills.ts"))
    yield* importSkills({ ...input, json })
  })
).pipe(
  Command.withDescription(
    "Bring skills from a runtime's machine into the workspace. Only the runtime's owner may. What became of each shows " +
      "on stderr; where one was not imported, the exit code says why."
  ),
  Command.withShortDescription("Bring skills from a runtime's machine into the workspace"),
  Command.withExamples([
    { command: "muster skills import claude review", description: "One skill, by its key" },
    { command: "muster skills import claude --all --json", description: "All of them, for a script" }
  ])
)

const libraryCommand = Command.make(
  "library",
  { workspace: workspaceFlag },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const { listLibrary } = yield* Effect.promise(() => import("../skill/SkillLibrary.ts"))
    yield* listLibrary({ ...input, json })
  })
).pipe(Command.withDescription("List the skills that the workspace keeps."))

const showCommand = Command.make(
  "show",
  { skill, workspace: workspaceFlag },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const { showSkill } = yield* Effect.promise(() => import("../skill/SkillLibrary.ts"))
    yield* showSkill({ ...input, json })
  })
).pipe(Command.withDescription("Show a skill of the workspace: its text, and the files that come with it."))

const deleteCommand = Command.make(
  "delete",
  { skill, workspace: workspaceFlag },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const { deleteSkill } = yield* Effect.promise(() => import("../skill/SkillLibrary.ts"))
    yield* deleteSkill({ ...input, json })
  })
).pipe(Command.withDescription("Take a skill out of the workspace. Its author, admins and owners may."))

export const skills = Command.make("skills").pipe(
  Command.withSubcommands([listCommand, importCommand, libraryCommand, showCommand, deleteCommand]),
  Command.withDescription("The skills on machines, and those that the workspace keeps."),
  Command.withShortDescription("List, import and keep skills")
)
