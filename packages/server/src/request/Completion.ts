import {
  isTerminal,
  type Outcome,
  type Request,
  type RequestKind,
  RequestStore,
  type Runtime,
  topic,
  Wake,
  wireError
} from "@muster/domain"
import { Effect, Option } from "effect"
import { Journal } from "../journal/Journal.ts"
import { Hooks, type PreparedOutcome } from "./Hooks.ts"
import { absent } from "./RequestErrors.ts"

const unpersisted = ({ _tag }: Outcome) => (cause: unknown) =>
  wireError.fault(`failed to persist ${_tag === "Completed" ? "completion" : "failure"}`, cause)

/** Nothing was made beside the record, so nothing is to be taken back. */
const plain = (outcome: Outcome): PreparedOutcome => ({ outcome, stands: () => false, undo: Effect.void })

const takeBack = ({ undo }: PreparedOutcome, { id }: Request) =>
  undo.pipe(
    Effect.catch((error) => Effect.logError("what a request made could not be taken back", error)),
    Effect.annotateLogs({ request_id: id })
  )

/**
 * How a report ends a request: the kind's hook makes its outcome, the store settles it, and what the hook made for an
 * outcome that did not become the request's end is taken back. Fails where the end was not written, so that the daemon
 * reports again. Not cut half-way by a daemon that hangs up.
 */
export const makeCompletion = Effect.fnUntraced(function*(kind: RequestKind) {
  const store = yield* RequestStore
  const wake = yield* Wake
  const journal = yield* Journal
  const hook = (yield* Hooks).get(kind.name) ?? {}
  if (kind.report !== undefined && hook.complete === undefined) {
    return yield* Effect.die(new Error(`${kind.name} needs a hook that makes its result of its report`))
  }

  const complete = (runtime: Runtime, request: Request, outcome: Outcome) =>
    outcome._tag === "Completed" && hook.complete !== undefined
      ? hook.complete(runtime, request, outcome.result)
      : Effect.succeed(plain(outcome))

  /** A write whose answer was lost may have landed; where nobody can tell, it counts as lost. */
  const landed = (request: Request, made: PreparedOutcome) =>
    store.get(request.runtimeId, request.id).pipe(
      Effect.map(Option.exists((found) => isTerminal(found) && made.stands(found))),
      Effect.orElseSucceed(() => false)
    )

  return Effect.fnUntraced(function*(runtime: Runtime, request: Request, reported: Outcome) {
    const made = yield* Effect.mapError(complete(runtime, request, reported), unpersisted(reported))
    const settled = yield* store.settle(runtime.id, request.id, made.outcome).pipe(
      Effect.tapError(() =>
        Effect.flatMap(landed(request, made), (stands) => stands ? Effect.void : takeBack(made, request))
      ),
      Effect.mapError(unpersisted(reported))
    )
    if (settled._tag === "Absent") {
      yield* takeBack(made, request)
      return yield* absent(kind)
    }
    if (settled._tag === "AlreadySettled" && !made.stands(settled.request)) yield* takeBack(made, request)
    if (settled._tag === "Settled") {
      yield* journal.settled(runtime.workspaceId, settled.request)
      if (hook.settled !== undefined) yield* hook.settled(runtime, settled.request)
    }
    yield* wake.publish(topic.request(request.id))
  }, Effect.uninterruptible)
})
