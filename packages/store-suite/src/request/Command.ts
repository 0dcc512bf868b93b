import type { RequestKind } from "@muster/domain"
import { Arbitrary, Schema } from "effect"
import { Crowd, everyKind, Few } from "./SampleKinds.ts"

/** The kinds of a random sequence; one whose cap a sequence cannot reach shows nothing more. */
export const commandKinds: ReadonlyArray<RequestKind.RequestKind> = everyKind.filter((kind) => kind !== Crowd)

/** How many runtimes a sequence uses. */
export const runtimeCount = 2

const upTo = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))

const Node = Schema.Literals(["a", "b"])
/** Most commands use one of them, so that they interfere. */
const Runtime = Schema.Literals([0, 0, 0, 1])
/** The one with a cap more often than the others: reaching a cap takes several. */
const Kind = Schema.Literals(commandKinds.flatMap((kind, i) => kind === Few ? [i, i, i, i] : [i]))
/** One of the requests made so far: 0 is the latest. The latest ones are most likely unfinished. */
const Made = Schema.Literals([0, 0, 0, 1, 1, 2, 4])
/** Whether the other runtime's id is given instead of the request's own. */
const Foreign = Schema.Literals([false, false, false, true])

const Create = Schema.TaggedStruct("Create", { node: Node, runtime: Runtime, kind: Kind })
const Get = Schema.TaggedStruct("Get", { node: Node, made: Made, foreign: Foreign })
const Waiting = Schema.TaggedStruct("Waiting", { node: Node, runtime: Runtime })
const Claim = Schema.TaggedStruct("Claim", {
  node: Node,
  runtime: Runtime,
  /** Each with its maximum number. */
  wanted: Schema.Array(Schema.Tuple([Kind, Schema.Literals([1, 1, 2, 10])])).check(
    Schema.isMinLength(1),
    Schema.isMaxLength(6)
  )
})
const Settle = Schema.TaggedStruct("Settle", { node: Node, made: Made, foreign: Foreign, completes: Schema.Boolean })
/** Time passes: a little, or past a limit. In ms. */
const Pass = Schema.TaggedStruct("Pass", { ms: Schema.Union([upTo(20), upTo(60_000)]) })
/** Time passes to the exact end of something about a request, or 1 ms past it. */
const PassTo = Schema.TaggedStruct("PassTo", {
  made: Made,
  moment: Schema.Literals(["limit", "redelivery", "redelivery", "retention"]),
  past: Schema.Boolean
})

/** One operation on a store. */
export const Command = Schema.Union([Create, Create, Create, Create, Get, Waiting, Claim, Claim, Settle, Pass, PassTo])
export type Command = typeof Command.Type

/** The maximum number of commands of a sequence; also the size to which generation grows. */
export const longest = 80

/** Any sequence of up to `longest` commands; shrinks by leaving commands out and making each simpler. */
export const commandSequence = Arbitrary.array(Arbitrary.schema(Command), { minLength: 1, maxLength: longest })
