import { Task, TaskCheck, TaskEvent, TaskLog, type TaskQueue } from "@muster/domain"
import { Effect, Layer, Option, Schema } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { jsonText } from "../client/CleanText.ts"
import { asOperationNow } from "../client/Operation.ts"
import { rowsOf } from "../client/Rows.ts"
import { changeTask, elapsed } from "./changeTask.ts"

/** The maximum bytes of one slice, unless one event alone is larger. */
const maxSlice = 1024 * 1024

const heads = rowsOf(Schema.Struct({
  epoch: Schema.Finite,
  status: Schema.String,
  deadline: Schema.NullOr(Schema.Finite),
  endedAt: Schema.NullOr(Schema.Finite)
}))

const logs = rowsOf(Schema.Struct({
  epoch: Schema.Finite,
  nextSeq: Schema.Finite,
  events: Schema.Finite,
  bytes: Schema.Finite
}))

type DatabaseFault = SqlError.SqlError | Schema.SchemaError

type Held = TaskQueue.Held
type Timed = Pick<TaskEvent.TaskEvent, "at" | "body">
/** An event with its body as the table has it. */
type Storable<Event> = Event & { readonly stored: unknown }
/** What the log has, and the claim whose event with the number `nextSeq` comes next. */
interface Head extends TaskEvent.Fill {
  readonly epoch: number
  readonly nextSeq: number
}

/**
 * Why a claim may not append; undefined: it may. Holds the task's row until the transaction's end, so that no event follows
 * the end of the task. `late`: how long it may after the end, in ms.
 */
const refusal = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  { epoch, id }: Held,
  { late, now }: { readonly now: number; readonly late: number }
): Effect.fn.Return<TaskLog.Appended | undefined, DatabaseFault> {
  const found = yield* heads.first(sql`SELECT epoch, status, deadline, ended_at FROM tasks WHERE id = ${id} FOR SHARE`)
  if (Option.isNone(found)) return { _tag: "Absent" }
  const { endedAt, epoch: present, status } = found.value
  if (epoch !== present || status === "Queued") return { _tag: "Superseded" }
  return endedAt !== null && now - endedAt > late ? { _tag: "Closed" } : undefined
})

/** The log under a lock; a new one is empty. */
const lockLog = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, { epoch, id }: Held) {
  const read = logs.first(sql`SELECT epoch, next_seq, events, bytes FROM task_logs WHERE task_id = ${id} FOR UPDATE`)
  const found = yield* read
  if (Option.isNone(found)) {
    yield* sql`
      INSERT INTO task_logs (task_id, epoch, next_seq, events, bytes) VALUES (${id}, ${epoch}, 1, 0, 0)
      ON CONFLICT DO NOTHING`
  }
  const head: Head = Option.getOrThrow(Option.isSome(found) ? found : yield* read)
  return head.epoch === epoch ? head : { ...head, epoch, nextSeq: 1 }
})

/** The events that the log stores, with their offsets, and what it has then. */
const fitting = (head: Head, events: ReadonlyArray<Storable<Timed>>) => {
  let fill: TaskEvent.Fill = head
  const rows = events.flatMap(({ at, body, stored }) => {
    if (!TaskEvent.isStored(fill, body)) return []
    const size = TaskEvent.sizeOf(body)
    fill = { events: fill.events + 1, bytes: fill.bytes + size }
    return [{ offset: fill.events, at, size, body: stored }]
  })
  return { rows, fill }
}

const store = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  { epoch, id }: Held,
  { events, head, nextSeq }: {
    readonly head: Head
    readonly events: ReadonlyArray<Storable<Timed>>
    readonly nextSeq: number
  }
) {
  const { fill, rows } = fitting(head, events)
  if (rows.length > 0) {
    yield* sql`
      INSERT INTO task_events (task_id, "offset", epoch, at, size, body)
      SELECT ${id}, e."offset", ${epoch}, e.at, e.size, e.body
      FROM jsonb_to_recordset(${jsonText(rows as never)}::jsonb)
        AS e("offset" integer, at bigint, size integer, body jsonb)`
  }
  yield* sql`
    UPDATE task_logs SET epoch = ${epoch}, next_seq = ${nextSeq}, events = ${fill.events}, bytes = ${fill.bytes}
    WHERE task_id = ${id}`
})

const append = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  held: Held,
  events: ReadonlyArray<Storable<TaskEvent.Sent>>,
  now: number
): Effect.fn.Return<TaskLog.Appended, DatabaseFault> {
  const refused = yield* refusal(sql, held, { now, late: -1 })
  if (refused !== undefined) return refused
  const head = yield* lockLog(sql, held)
  const added = events.filter(({ seq }) => seq >= head.nextSeq)
  if (added.some(({ seq }, index) => seq !== head.nextSeq + index)) return { _tag: "Gap", expected: head.nextSeq }
  const nextSeq = head.nextSeq + added.length
  if (added.length > 0) yield* store(sql, held, { head, events: added, nextSeq })
  return { _tag: "Appended", next: nextSeq }
})

const appendUnnumbered = Effect.fnUntraced(function*(
  sql: SqlClient.SqlClient,
  held: Held,
  events: ReadonlyArray<Storable<Timed>>,
  now: number
): Effect.fn.Return<TaskLog.Appended, DatabaseFault> {
  const refused = yield* refusal(sql, held, { now, late: Task.times.lateEvents })
  if (refused !== undefined) return refused
  const head = yield* lockLog(sql, held)
  yield* store(sql, held, { head, events, nextSeq: head.nextSeq })
  return { _tag: "Appended", next: head.nextSeq }
})

/** Applies the limits of the task first: its end may be due. */
const upToDate = (sql: SqlClient.SqlClient, id: Task.TaskId, now: number) =>
  Effect.flatMap(
    heads.first(sql`SELECT epoch, status, deadline, ended_at FROM tasks WHERE id = ${id}`),
    (found) =>
      Option.isSome(found) && found.value.deadline !== null && found.value.deadline < now
        ? changeTask(sql, id, now, elapsed)
        : Effect.void
  )

const rows = rowsOf(Schema.Struct({
  offset: Schema.Finite,
  epoch: Schema.Finite,
  at: Schema.Finite,
  body: Schema.Unknown,
  before: Schema.Finite
}))
const lasts = rowsOf(Schema.Struct({ last: Schema.Finite, first: Schema.NullOr(Schema.Finite) }))
/** What is shown in place of an event that cannot be read. */
const unreadable: TaskEvent.Body = { kind: "error", text: "this entry of the log cannot be read" }

const decodeEvent = Schema.decodeUnknownEffect(TaskEvent.TaskEvent)

const read = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, id: Task.TaskId, after: number, max: number) {
  const { first, last } = yield* lasts.one(sql`
    SELECT coalesce((SELECT events FROM task_logs WHERE task_id = ${id}), 0)::integer AS last,
      (SELECT min("offset") FROM task_events WHERE task_id = ${id}) AS first`)
  const found = yield* rows.all(sql`
    SELECT "offset", epoch, at, body, before FROM (
      SELECT "offset", epoch, at, body, (sum(size) OVER (ORDER BY "offset") - size)::integer AS before FROM (
        SELECT * FROM task_events WHERE task_id = ${id} AND "offset" > ${after} ORDER BY "offset" LIMIT ${max}
      ) AS page
    ) AS sized
    WHERE before < ${maxSlice}
    ORDER BY "offset"`)
  const events = yield* Effect.forEach(found, ({ at, body, epoch, offset }) =>
    Effect.orElseSucceed(
      decodeEvent({ at, body, epoch, offset }),
      (): TaskEvent.TaskEvent => ({ at, body: unreadable, epoch, offset })
    ))
  return { events, last, first: first ?? last + 1 } satisfies TaskLog.Slice
})

/** The events as the table has them; fails for one that could not be read again. */
const storable = <Event extends Timed>(operation: string, events: ReadonlyArray<Event>) =>
  Effect.map(
    Effect.fromResult(TaskCheck.events(operation, events)),
    (stored) => events.map((event, i): Storable<Event> => ({ ...event, stored: stored[i]!.body }))
  )

type Append<Event> = (
  sql: SqlClient.SqlClient,
  held: Held,
  events: ReadonlyArray<Storable<Event>>,
  now: number
) => Effect.Effect<TaskLog.Appended, DatabaseFault>

const make = (sql: SqlClient.SqlClient) => {
  const appending =
    <Event extends Timed>(operation: string, step: Append<Event>) => (held: Held, events: ReadonlyArray<Event>) =>
      asOperationNow(
        operation,
        Effect.fnUntraced(function*(now) {
          const checked = yield* storable(operation, events)
          yield* upToDate(sql, held.id, now)
          return yield* sql.withTransaction(step(sql, held, checked, now))
        })
      )
  return TaskLog.TaskLog.of({
    append: appending("TaskLog.append", append),
    appendUnnumbered: appending("TaskLog.appendUnnumbered", appendUnnumbered),
    read: (id, after, max) => asOperationNow("TaskLog.read", () => read(sql, id, after, max))
  })
}

/** The logs of tasks in PostgreSQL. Requires the schema: build it after `Migrations`. */
export const TaskLogPostgres = {
  layer: Layer.effect(TaskLog.TaskLog, Effect.map(SqlClient.SqlClient, make))
}
