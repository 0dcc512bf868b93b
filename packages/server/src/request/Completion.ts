import { Request, type RequestKind, RequestStore, type Runtime, Wake, WireError } from "@muster/domain"
import { Effect, Option } from "effect"
import { Journal } from "../journal/Journal.ts"
import { Hooks, type PreparedOutcome } from "./Hooks.ts"
import { absent } from "./RequestErrors.ts"

const unpersisted = ({ _tag }: Request.Outcome) => (cause: unknown) =>
  WireError.fault(`failed to persist ${_tag === "Completed" ? "completion" : "failure"}`, cause)

/** Nothing was created besides the record, so there is nothing to undo. */
const plain = (outcome: Request.Outcome): PreparedOutcome => ({ outcome, isIn: () => false, undo: Effect.void })

const takeBack = ({ undo }: PreparedOutcome, { id }: Request.Request) =>
  undo.pipe(
    Effect.catch((error) =>
      Effect.logError("cannot undo the effects of a report that did not settle its request", error)
    ),
    Effect.annotateLogs({ request_id: id })
  )

/**
 * Returns a function that settles a request by a report: the kind's hook prepares the outcome, the store settles the
 * request, and the hook's work is undone if the request ended otherwise. Fails if the end was not written, so that the
 * daemon reports again. A daemon that disconnects does not interrupt it.
 */
export const makeCompletion = Effect.fnUntraced(function*(kind: RequestKind.RequestKind) {
  const store = yield* RequestStore.RequestStore
  const wake = yield* Wake.Wake
  const journal = yield* Journal
  const hook = (yield* Hooks).get(kind.name) ?? {}
  if (kind.report !== undefined && hook.complete === undefined) {
    return yield* Effect.die(new Error(`${kind.name} needs a hook that makes a result from its report`))
  }

  const complete = (runtime: Runtime.Runtime, request: Request.Request, outcome: Request.Outcome) =>
    outcome._tag === "Completed" && hook.complete !== undefined
      ? hook.complete(runtime, request, outcome.result)
      : Effect.succeed(plain(outcome))

  /** A write without an answer may have succeeded. It counts as failed if the store cannot be read. */
  const landed = (request: Request.Request, made: PreparedOutcome) =>
    store.get(request.runtimeId, request.id).pipe(
      Effect.map(Option.exists((found) => Request.isTerminal(found) && made.isIn(found))),
      Effect.orElseSucceed(() => false)
    )

  return Effect.fnUntraced(function*(runtime: Runtime.Runtime, request: Request.Request, reported: Request.Outcome) {
    const made = yield* Effect.mapError(complete(runtime, request, reported), unpersisted(reported))
    const settled = yield* store.settle(runtime.id, request.id, made.outcome).pipe(
      Effect.tapError(() =>
        Effect.flatMap(landed(request, made), (isWritten) => isWritten ? Effect.void : takeBack(made, request))
      ),
      Effect.mapError(unpersisted(reported))
    )
    if (settled._tag === "Absent") {
      yield* takeBack(made, request)
      return yield* absent(kind)
    }
    if (settled._tag === "AlreadySettled" && !made.isIn(settled.request)) yield* takeBack(made, request)
    if (settled._tag === "Settled") {
      yield* journal.settled(runtime, settled.request)
      if (hook.settled !== undefined) yield* hook.settled(runtime, settled.request)
    }
    yield* wake.publish(Wake.topic.request(request.id))
  }, Effect.uninterruptible)
})
