import { Identity, Request, Runtime } from "@muster/domain"
import { Arbitrary, Schema } from "effect"

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** Small, so that edges occur often. */
const Ms = between(1, 60)

const Terms = Schema.Struct({
  pending: Ms,
  running: Ms,
  retention: Ms,
  deliveries: between(1, 3),
  redeliverAfter: Ms
})

/** The time of an operation on a record: ms after its creation. */
export const Moment = between(0, 200)
export const createdAt = 1_000

/** Any fresh request, created at `createdAt`. */
export const anyRequest: Arbitrary.Arbitrary<Request.Request> = Arbitrary.map(
  Arbitrary.schema(
    Schema.Struct({
      id: Request.RequestId,
      runtimeId: Runtime.RuntimeId,
      by: Schema.NullOr(Identity.UserId),
      terms: Terms
    })
  ),
  ({ terms, ...rest }): Request.Request => ({
    ...rest,
    kind: "any",
    payload: { a: [1] },
    terms: { ...terms, admission: { _tag: "Coalesce" }, texts: { pending: "not picked up", running: "not finished" } },
    state: { _tag: "Pending" },
    createdAt,
    updatedAt: createdAt
  })
)

export const done: Request.Outcome = { _tag: "Completed", result: { models: [] } }
export const broken: Request.Outcome = { _tag: "Failed", error: "no" }

/** One event of a record, in ms after the previous one. */
export const Event = Schema.Struct({ after: Ms, what: Schema.Literals(["claim", "claim", "complete", "fail", "look"]) })
export const anyHistory = Arbitrary.array(Arbitrary.schema(Event), { maxLength: 12 })
