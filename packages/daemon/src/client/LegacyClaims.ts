import type { Runtime, Task } from "@muster/domain"
import { Effect, Option, Ref, Schedule, Schema } from "effect"
import type { Send } from "./LegacyCall.ts"
import { type LegacyClaim, readClaim } from "./LegacyClaim.ts"
import { type LegacyIssue, legacyWork, needsIssue } from "./legacyWork.ts"
import type { ServerError } from "./ServerError.ts"
import type { ClaimedWork } from "./TaskServer.ts"

const ClaimReply = Schema.Struct({ task: Schema.NullOr(Schema.Json) })

const IssueReply = Schema.Struct({
  title: Schema.String,
  identifier: Schema.optionalKey(Schema.NullOr(Schema.String)),
  description: Schema.optionalKey(Schema.NullOr(Schema.String))
})

/** The pauses between the attempts to report that a task cannot run; without it the server fails it after 5 min. */
const again = Schedule.min([Schedule.exponential("500 millis"), Schedule.recurs(3)])

const issueOf = Effect.fnUntraced(function*(send: Send, { issue_id, workspace_id }: LegacyClaim) {
  const issue = yield* send({
    operation: `issue ${issue_id}`,
    method: "GET",
    path: `/api/issues/${issue_id}?workspace_id=${workspace_id}`,
    reply: IssueReply
  })
  const { description, identifier, title } = issue
  return { title, identifier: identifier ?? "", description: description ?? "" } satisfies LegacyIssue
})

/** What came of one claim. */
type Claimed =
  | { readonly _tag: "None" }
  | { readonly _tag: "Work"; readonly work: ClaimedWork }
  /** A task was claimed that cannot run here, and has been failed. */
  | { readonly _tag: "Refused" }

const none: Claimed = { _tag: "None" }
const refused: Claimed = { _tag: "Refused" }

/** Fails a task that this daemon cannot run, so that a person sees why. */
const refuse = Effect.fnUntraced(function*(send: Send, id: Task.TaskId, why: string, reason = "agent_error") {
  const error = `Muster's daemon cannot run this task: ${why}`
  yield* Effect.logWarning(`task ${id} is failed: ${why}`)
  yield* send<void>({
    operation: `fail task ${id}`,
    method: "POST",
    path: `/api/daemon/tasks/${id}/fail`,
    body: { error, failure_reason: reason }
  }).pipe(
    Effect.retry({ schedule: again, while: ({ _tag }) => _tag === "Unreachable" }),
    Effect.catch(({ message }) => Effect.logWarning(`task ${id} could not be failed: ${message}`))
  )
  return refused
})

/** Turns a claimed task into work, or fails it. */
const take = Effect.fnUntraced(function*(send: Send, claim: LegacyClaim) {
  const issue = needsIssue(claim) ? yield* Effect.result(issueOf(send, claim)) : undefined
  if (issue?._tag === "Failure") {
    // For this reason the server tries once more.
    const reason = issue.failure._tag === "Unreachable" ? "runtime_recovery" : "agent_error"
    return yield* refuse(send, claim.id, `its issue cannot be read: ${issue.failure.message}`, reason)
  }
  const taken = legacyWork(claim, issue?.success)
  return taken._tag === "Runnable"
    ? { _tag: "Work", work: taken.work } satisfies Claimed
    : yield* refuse(send, claim.id, taken.why)
})

const claimOf = Effect.fnUntraced(function*(
  send: Send,
  runtime: Runtime.RuntimeId
): Effect.fn.Return<Claimed, ServerError> {
  const { task } = yield* send({
    operation: `claim of ${runtime}`,
    method: "POST",
    path: `/api/daemon/runtimes/${runtime}/tasks/claim`,
    reply: ClaimReply
  })
  if (task === null) return none
  const read = readClaim(task)
  if (Option.isNone(read)) {
    yield* Effect.logWarning(`the server gave runtime ${runtime} a task without an id`)
    return none
  }
  if (read.value._tag === "Unreadable") {
    return yield* refuse(send, read.value.id, "it does not follow the protocol of v0.3.1")
  }
  return read.value.task.runtime_id === runtime
    ? yield* take(send, read.value.task)
    : yield* refuse(send, read.value.task.id, "it names another runtime than the one that claimed it")
})

/** The maximum number of tasks that one round fails because they cannot run. */
const maxRefused = 32

/** Whether the server answered: then the claims on other runtimes may work. */
const wasAnswered = (error: ServerError) => error._tag !== "Unreachable" || error.status !== null

/** One round of claims. */
interface Round {
  readonly tasks: Array<ClaimedWork>
  readonly gone: Array<Runtime.RuntimeId>
  /** How many tasks may still be failed. */
  refusals: number
}

/** Claims on one runtime until it has nothing or there are enough. */
const claimOn = Effect.fnUntraced(function*(send: Send, round: Round, id: Runtime.RuntimeId, max: number) {
  while (round.tasks.length < max && round.refusals > 0) {
    const claimed = yield* claimOf(send, id)
    if (claimed._tag === "None") return
    if (claimed._tag === "Work") round.tasks.push(claimed.work)
    else round.refusals--
  }
})

/**
 * Returns the claims on these runtimes, one after another, at most `max` tasks. Each round begins with another runtime. A
 * runtime whose claim is answered with an error is passed over; without an answer the round ends, and what was claimed before is
 * returned. Fails if nothing was claimed and a call failed.
 */
export const makeLegacyClaims = Effect.fnUntraced(function*(send: Send) {
  const rounds = yield* Ref.make(0)

  return Effect.fnUntraced(function*(runtimeIds: ReadonlyArray<Runtime.RuntimeId>, max: number) {
    const first = (yield* Ref.getAndUpdate(rounds, (n) => n + 1)) % Math.max(1, runtimeIds.length)
    const round: Round = { tasks: [], gone: [], refusals: maxRefused }
    let failure: Exclude<ServerError, { readonly _tag: "Gone" }> | undefined
    for (const id of [...runtimeIds.slice(first), ...runtimeIds.slice(0, first)]) {
      const claimed = yield* Effect.result(claimOn(send, round, id, max))
      if (claimed._tag === "Success") continue
      if (claimed.failure._tag === "Gone") round.gone.push(id)
      else failure = claimed.failure
      if (!wasAnswered(claimed.failure)) break
    }
    if (failure !== undefined && round.tasks.length + round.gone.length === 0) return yield* failure
    return { tasks: round.tasks, gone: round.gone }
  })
})
