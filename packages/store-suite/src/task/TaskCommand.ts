import { Arbitrary, Schema } from "effect"

/** How many runtimes a sequence uses, the last of them in a workspace of its own, and how many daemons. */
export const runtimeCount = 3
export const daemonCount = 2

/** The runtimes of one command, by number. */
export const runtimeSets: ReadonlyArray<ReadonlyArray<number>> = [[0], [0, 1], [1, 0, 2], [2], [1]]

const upTo = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))

const Node = Schema.Literals(["a", "b"])
/** Most commands use one of them, so that they interfere. */
const Runtime = Schema.Literals([0, 0, 0, 1, 2])
/** A place in `runtimeSets`. */
const Runtimes = Schema.Literals([0, 1, 1, 2, 3])
const Daemon = Schema.Literals([0, 0, 0, 1])
const Person = Schema.Literals([0, 0, 1, 2])
const Key = Schema.Literals(["none", "none", "folder", "folder", "other"])
/** One of the tasks made so far: 0 is the latest. */
const Made = Schema.Literals([0, 0, 0, 1, 1, 2, 3, 5])
/** How many claims ago the caller's epoch was given. */
const Late = Schema.Literals([0, 0, 0, 0, 1])

const Enqueue = Schema.TaggedStruct("Enqueue", {
  node: Node,
  runtime: Runtime,
  person: Person,
  priority: Schema.Literals([0, 0, 0, 5, -5]),
  key: Key,
  /** The idempotency key, and whether the task differs from what it was used for. */
  once: Schema.Literals(["none", "none", "none", "first", "second"]),
  differs: Schema.Literals([false, false, true])
})
const Claim = Schema.TaggedStruct("Claim", {
  node: Node,
  daemon: Daemon,
  runtimes: Runtimes,
  max: Schema.Literals([1, 1, 2, 4]),
  slots: Schema.Literals(["none", 1, 3, 3]),
  fenced: Schema.Literals([true, true, true, false]),
  tokens: Schema.Boolean
})
const held = { node: Node, made: Made, late: Late }
const Step = Schema.TaggedStruct("Step", {
  ...held,
  step: Schema.Literals(["start", "start", "start", "start", "start", "renew", "release", "note"])
})
const Settle = Schema.TaggedStruct("Settle", {
  ...held,
  outcome: Schema.Literals([
    "completed",
    "completed",
    "completed",
    "stopped",
    "agent_error",
    "agent_died",
    "provider_network"
  ]),
  told: Schema.Boolean
})
const Beat = Schema.TaggedStruct("Beat", { node: Node, daemon: Daemon, held: Schema.Array(Schema.Tuple([Made, Late])) })
const Reconcile = Schema.TaggedStruct("Reconcile", {
  node: Node,
  daemon: Daemon,
  runtimes: Runtimes,
  held: Schema.Array(Schema.Tuple([Made, Late])).check(Schema.isMaxLength(3)),
  swept: Schema.Boolean
})
const Cancel = Schema.TaggedStruct("Cancel", {
  node: Node,
  made: Made,
  /** Whether another workspace's id is given instead of the task's own. */
  foreign: Schema.Literals([false, false, false, true])
})
const Look = Schema.TaggedStruct("Look", {
  node: Node,
  made: Made,
  look: Schema.Literals(["find", "list", "page", "queued", "counts", "active", "claimable", "token", "log"])
})
const Append = Schema.TaggedStruct("Append", {
  ...held,
  /** How many events, and how many the first one repeats (−1: there is a hole before it). */
  events: upTo(3),
  repeated: Schema.Literals([0, 0, 0, 1, 2, -1, -1]),
  numbered: Schema.Literals([true, true, true, false])
})
const RuntimesDeleted = Schema.TaggedStruct("RuntimesDeleted", { node: Node, runtimes: Schema.Literals([3, 4]) })
/** The second runtime is merged into the first one, of the same workspace, and a new one takes its place. */
const RuntimesMerged = Schema.TaggedStruct("RuntimesMerged", { node: Node, daemon: Daemon })
const Sweep = Schema.TaggedStruct("Sweep", { node: Node })
/** Time passes: a little, past a redelivery, past a limit. In ms. */
const Pass = Schema.TaggedStruct("Pass", {
  ms: Schema.Union([upTo(20), upTo(20), upTo(40_000), Schema.Literals([30_001, 90_001, 90_001, 300_001])])
})
/** Time passes to the exact limit of a task, or 1 ms past it. */
const PassTo = Schema.TaggedStruct("PassTo", { made: Made, past: Schema.Boolean })

/** Several commands that lead where single ones rarely do: a task that runs, a redelivery, another attempt. */
const Course = Schema.TaggedStruct("Course", { node: Node, course: Schema.Literals(["run", "run", "lose", "die"]) })

const claimAll = { daemon: 0, runtimes: 1, max: 4, slots: "none", fenced: true, tokens: true } as const

/** The single commands that one of a sequence stands for. */
export const singlesOf = (command: TaskCommand): ReadonlyArray<Exclude<TaskCommand, { readonly _tag: "Course" }>> => {
  if (command._tag !== "Course") return [command]
  const { course, node } = command
  const claim = { _tag: "Claim", node, ...claimAll } as const
  switch (course) {
    case "run":
      return [
        { _tag: "Enqueue", node, runtime: 0, person: 0, priority: 0, key: "none", once: "none", differs: false },
        claim,
        { _tag: "Step", node, made: 0, late: 0, step: "start" }
      ]
    case "lose":
      return [{ _tag: "Pass", ms: 90_001 }, claim]
    case "die":
      return [
        { _tag: "Settle", node, made: 0, late: 0, outcome: "agent_died", told: true },
        { _tag: "Pass", ms: 30_001 },
        claim
      ]
  }
}

/** One operation on the tasks, or a course of some. */
export const TaskCommand = Schema.Union([
  Enqueue,
  Enqueue,
  Enqueue,
  Claim,
  Claim,
  Course,
  Course,
  Step,
  Step,
  Step,
  Step,
  Settle,
  Settle,
  Beat,
  Reconcile,
  Cancel,
  Look,
  Append,
  Append,
  RuntimesDeleted,
  RuntimesMerged,
  Sweep,
  Pass,
  PassTo
])
export type TaskCommand = typeof TaskCommand.Type

/** The maximum number of commands of a sequence; also the size to which generation grows. */
export const longest = 80

/** Any sequence of up to `longest` commands; shrinks by leaving commands out and making each simpler. */
export const taskCommands = Arbitrary.array(Arbitrary.schema(TaskCommand), { minLength: 1, maxLength: longest })
