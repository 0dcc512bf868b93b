import { Api, type Runtime, type Task } from "@muster/domain"
import { Effect, Schema } from "effect"
import { isAbsentTask, type Send } from "./LegacyCall.ts"
import { makeLegacyClaims } from "./LegacyClaims.ts"
import { legacyEnd, legacyUsage } from "./legacyEnd.ts"
import { makeLegacyLog } from "./LegacyLog.ts"
import { makeLegacyOrphans } from "./LegacyOrphans.ts"
import { Refused, type ServerError, type Unreachable } from "./ServerError.ts"
import { type HeldTask, type PinnedSession, type TaskEnd, type TaskOrder, TaskServer } from "./TaskServer.ts"

const StatusReply = Schema.Struct({ status: Api.LegacyStatus })
type Status = typeof StatusReply.Type["status"]

/** How many statuses are asked for at once. */
const asked = 4

/** "Runtime not found" is unexpected for a call that names a task. */
const notGone = (error: ServerError): Refused | Unreachable =>
  error._tag === "Gone" ? new Refused({ operation: error.operation, status: 404, body: "runtime not found" }) : error

const superseded: Api.FencedReply = { ok: false, status: "superseded" }
const done = (status: Task.Status): Api.FencedReply => ({ ok: true, status })

/** What a status of a held task means; undefined: it goes on. In a state that is terminal nobody waits for it. */
const orderOf = (status: Status): Task.Order | undefined => {
  switch (status) {
    case "cancelled":
      return "cancel"
    case "completed":
    case "failed":
      return "stop"
    default:
      return undefined
  }
}

const fenced = (call: Effect.Effect<Api.FencedReply, ServerError>) =>
  call.pipe(
    Effect.catchIf(isAbsentTask, () => Effect.succeed(superseded)),
    Effect.mapError(notGone)
  )

const makeCalls = (send: Send) => {
  const post = (word: string, { id }: HeldTask, body: object = {}) =>
    send<void>({ operation: `${word} of task ${id}`, method: "POST", path: `/api/daemon/tasks/${id}/${word}`, body })

  const status = ({ id }: HeldTask) =>
    send({
      operation: `status of task ${id}`,
      method: "GET",
      path: `/api/daemon/tasks/${id}/status`,
      reply: StatusReply
    }).pipe(Effect.map(({ status }) => status))

  /** The order about one task; none: its status is not known, either. */
  const order = (task: HeldTask): Effect.Effect<ReadonlyArray<TaskOrder>> =>
    status(task).pipe(
      Effect.map((now) => orderOf(now)),
      Effect.catchIf(isAbsentTask, () => Effect.succeed("stop" as const)),
      Effect.orElseSucceed(() => undefined),
      Effect.map((now) => now === undefined ? [] : [{ id: task.id, epoch: task.epoch, order: now }])
    )

  /** A start whose answer was lost is refused when it is repeated: then the task runs, and nobody else could start it. */
  const begin = (task: HeldTask) =>
    post("start", task).pipe(
      Effect.as(done("running")),
      Effect.catchIf(
        (error) => error._tag === "Refused" && error.status === 400,
        () => Effect.map(status(task), (now) => now === "running" ? done(now) : { ok: false, status: now } as const)
      )
    )

  const settle = Effect.fnUntraced(function*(task: HeldTask, end: TaskEnd) {
    if (end.usage.length > 0) {
      yield* post("usage", task, { usage: legacyUsage(end.usage) }).pipe(
        // The end matters more than what is refused of it.
        Effect.catchIf(({ _tag }) => _tag === "Refused", () => Effect.void)
      )
    }
    const report = legacyEnd(end)
    if (report !== undefined) yield* post(report.word, task, report.body)
    return done(end.outcome.type)
  })

  const pin = (task: HeldTask, { folder, id }: PinnedSession) =>
    Effect.as(
      post("session", task, { session_id: id, ...(folder !== null && { work_dir: folder }) }),
      done("running")
    )

  return { begin, order, pin, settle }
}

/**
 * The calls for tasks of a v0.3.1 server. Source: `docs/protocol.md` 9.2–9.11. It knows no leases, fences and releases: a task
 * that did not start is reported as lost with the daemon, and the server tries it again.
 */
export const makeLegacyTaskServer = Effect.fnUntraced(function*(send: Send) {
  const calls = makeCalls(send)
  const claims = yield* makeLegacyClaims(send)
  const log = yield* makeLegacyLog(send)
  const orphans = yield* makeLegacyOrphans(send)

  return TaskServer.of({
    mustAsk: Effect.succeed(true),
    claim: ({ max, runtimeIds }) =>
      claims(runtimeIds, max).pipe(
        Effect.tap(({ tasks }) =>
          Effect.forEach(tasks, ({ id }) => Effect.andThen(log.begin(id), orphans.claimed(id)), { discard: true })
        )
      ),
    beat: (held) => Effect.map(Effect.forEach(held, calls.order, { concurrency: asked }), (orders) => orders.flat()),
    inventory: (runtimeIds: ReadonlyArray<Runtime.RuntimeId>, held) =>
      Effect.as(Effect.mapError(orphans.recover(runtimeIds, held), notGone), []),
    renew: () => Effect.succeed(done("dispatched")),
    release: () => Effect.succeed<Api.FencedReply>({ ok: false, status: "dispatched" }),
    begin: (task) => fenced(calls.begin(task)),
    pin: (task, session) => fenced(calls.pin(task, session)),
    append: ({ id }, events) =>
      log.append(id, events).pipe(
        Effect.catchIf(isAbsentTask, () => Effect.succeed<Api.AppendReply>({ status: "superseded", next: 1 })),
        Effect.mapError(notGone)
      ),
    settle: (task, end) =>
      fenced(calls.settle(task, end)).pipe(
        Effect.tap(() => Effect.andThen(log.forget(task.id), orphans.reported(task.id))),
        Effect.tapError(({ _tag }) => _tag === "Refused" ? orphans.reported(task.id) : Effect.void)
      )
  })
})
