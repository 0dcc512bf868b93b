import type { Api, Task, TaskEvent } from "@muster/domain"
import { Effect, Ref, Schema } from "effect"
import type { Send } from "./LegacyCall.ts"
import { type LegacyMessage, legacyMessages, type OpenTools } from "./LegacyMessages.ts"
import type { ServerError } from "./ServerError.ts"

/** The sending of one task's messages. */
interface Sending {
  readonly tools: OpenTools
  /** The highest number that the server has. */
  readonly last: number
  /** Whether the server may have more than it confirmed. */
  readonly isUnsure: boolean
}

const afresh: Sending = { tools: new Map(), last: 0, isUnsure: false }

/** The maximum number of tasks whose sending is known; more than a daemon holds. The oldest is forgotten. */
const maxKnown = 256

const MessageRows = Schema.Array(Schema.Struct({ seq: Schema.Int }))

/** An answer that came and cannot be read: as for a list of messages that is too large. */
const isUnreadable = (error: ServerError) => error._tag === "Unreachable" && error.status !== null && error.status < 300

const closed: Api.AppendReply = { status: "closed", next: 1 }
const ok = (next: number): Api.AppendReply => ({ status: "ok", next })

/**
 * Returns the sending of logs to a v0.3.1 server. It stores a message as often as it comes, so after a call without an answer,
 * and after a restart of the daemon, it is asked what it has.
 */
export const makeLegacyLog = Effect.fnUntraced(function*(send: Send) {
  const known = yield* Ref.make<ReadonlyMap<Task.TaskId, Sending>>(new Map())

  const remember = (id: Task.TaskId, sending: Sending) =>
    Ref.update(known, (all) => {
      const next = new Map(all).set(id, sending)
      if (next.size > maxKnown) next.delete(next.keys().next().value!)
      return next
    })

  /** The highest number that the server has, if it is above `last`. */
  const ask = (id: Task.TaskId, last: number) =>
    send({
      operation: `messages of task ${id}`,
      method: "GET",
      path: `/api/daemon/tasks/${id}/messages?since=${last}`,
      reply: MessageRows
    }).pipe(Effect.map((rows) => rows.reduce((most, { seq }) => Math.max(most, seq), last)))

  const post = (id: Task.TaskId, messages: ReadonlyArray<LegacyMessage>) =>
    send<void>({
      operation: `messages of task ${id}`,
      method: "POST",
      path: `/api/daemon/tasks/${id}/messages`,
      body: { messages }
    })

  /** Begins the log of a task that this process claimed. */
  const begin = (id: Task.TaskId) => remember(id, afresh)

  const forget = (id: Task.TaskId) => Ref.update(known, (all) => new Map([...all].filter(([other]) => other !== id)))

  /** Goes on with the log of an earlier process: all of it is worded again, and what the server has is left out. */
  const resume = (id: Task.TaskId) =>
    ask(id, 0).pipe(
      Effect.flatMap((last) => remember(id, { ...afresh, last })),
      Effect.as(ok(1)),
      Effect.catchIf(isUnreadable, () => Effect.succeed(closed))
    )

  const append = Effect.fnUntraced(function*(id: Task.TaskId, events: ReadonlyArray<TaskEvent.Sent>) {
    const sending = (yield* Ref.get(known)).get(id)
    if (sending === undefined) return yield* resume(id)
    if (events.length === 0) return ok(1)
    const last = sending.isUnsure ? yield* ask(id, sending.last) : sending.last
    const [tools, worded] = legacyMessages(sending.tools, events)
    const messages = worded.filter(({ seq }) => seq > last)
    if (messages.length > 0) {
      yield* post(id, messages).pipe(Effect.tapError(() => remember(id, { ...sending, last, isUnsure: true })))
    }
    yield* remember(id, { tools, last: messages.at(-1)?.seq ?? last, isUnsure: false })
    return ok(events.at(-1)!.seq + 1)
  })

  return { append, begin, forget }
})
