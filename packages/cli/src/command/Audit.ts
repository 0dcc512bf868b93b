import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { wholeNumberFlag, workspaceFlag } from "../flag/Flags.ts"
import { muster } from "./Root.ts"

/** The number of events that one command prints at most. */
const maxEvents = 100_000

export const audit = Command.make(
  "audit",
  {
    actor: Flag.String("actor").pipe(
      Flag.withDescription("Only what this person or machine did: a name or an id"),
      Flag.optional
    ),
    action: Flag.String("action").pipe(
      Flag.withDescription("Only this action, such as token.create, or all of a subject, such as token"),
      Flag.optional
    ),
    target: Flag.String("target").pipe(
      Flag.withDescription("Only what was done to this: an id, a name, or a kind such as runtime"),
      Flag.optional
    ),
    since: Flag.String("since").pipe(
      Flag.withDescription("Only from this time on: 2026-01-31T12:00:00Z, or 30min, 12h, 7d ago"),
      Flag.optional
    ),
    until: Flag.String("until").pipe(Flag.withDescription("Only before this time, in the same forms"), Flag.optional),
    limit: wholeNumberFlag("limit", { min: 1, max: maxEvents }).pipe(
      Flag.withDescription("The maximum number of events (default: 50; with --jsonl: 100000)"),
      Flag.optional
    ),
    jsonl: Flag.Boolean("jsonl").pipe(
      Flag.withoutNegation,
      Flag.withDescription("Print one JSON document per line and event"),
      Flag.withDefault(false)
    ),
    workspace: workspaceFlag
  },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const { listAudit } = yield* Effect.promise(() => import("../audit/ListAudit.ts"))
    yield* listAudit({ ...input, json })
  })
).pipe(
  Command.withDescription(
    "List who changed what in the workspace, when and from where, and refused sign-ins; newest first. Owners and admins " +
      "can do this."
  ),
  Command.withShortDescription("List who changed what in the workspace"),
  Command.withExamples([
    { command: "muster audit --action token --since 7d", description: "Changes of tokens in a week" },
    { command: "muster audit --jsonl > audit.jsonl", description: "Export everything" }
  ])
)
