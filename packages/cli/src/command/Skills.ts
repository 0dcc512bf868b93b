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
  Command.withDescription("List the skills on a runtime's machine. Progress is printed to stderr."),
  Command.withShortDescription("List the skills on a runtime's machine"),
  Command.withExamples([{
    command: "muster skills list claude",
    description: "The skills of the only online claude"
  }])
)

const importCommand = Command.make(
  "import",
  {
    runtime,
    keys: Argument.String("key").pipe(
      Argument.withDescription("The keys of the skills, as `muster skills list` shows them"),
      Argument.atLeast(0)
    ),
    all: Flag.Boolean("all").pipe(
      Flag.withoutNegation,
      Flag.withDescription("Import all skills of that machine"),
      Flag.withDefault(false)
    ),
    name: Flag.String("name").pipe(
      Flag.withDescription("A different name for the skill (with one key)"),
      Flag.optional
    ),
    overwrite: Flag.Boolean("overwrite").pipe(
      Flag.withoutNegation,
      Flag.withDescription("Replace your own skills that have the same names"),
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
    "Import skills from a runtime's machine into the workspace. The result of each is printed to stderr. If a skill was " +
      "not imported, the exit code shows why."
  ),
  Command.withShortDescription("Import skills from a runtime's machine into the workspace"),
  Command.withExamples([
    { command: "muster skills import claude review", description: "One skill, by its key" },
    { command: "muster skills import claude --all --json", description: "All of them, for use in a script" }
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
).pipe(Command.withDescription("List the skills in the workspace's library."))

const showCommand = Command.make(
  "show",
  { skill, workspace: workspaceFlag },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const { showSkill } = yield* Effect.promise(() => import("../skill/SkillLibrary.ts"))
    yield* showSkill({ ...input, json })
  })
).pipe(Command.withDescription("Show a skill of the library: its text and its files."))

const deleteCommand = Command.make(
  "delete",
  { skill, workspace: workspaceFlag },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const { deleteSkill } = yield* Effect.promise(() => import("../skill/SkillLibrary.ts"))
    yield* deleteSkill({ ...input, json })
  })
).pipe(
  Command.withDescription(
    "Delete a skill from the library. Its author and the workspace's admins and owners can do this."
  )
)

export const skills = Command.make("skills").pipe(
  Command.withSubcommands([listCommand, importCommand, libraryCommand, showCommand, deleteCommand]),
  Command.withDescription("Skills on machines and in the workspace's library."),
  Command.withShortDescription("List, import and manage skills")
)
