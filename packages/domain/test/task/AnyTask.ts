import { Identity, Runtime, Task } from "@muster/domain"
import { Arbitrary, Schema } from "effect"

export const createdAt = 1_000_000

const ids = {
  id: Task.TaskId.make("1f0e5a57-0000-4000-8000-000000000001"),
  workspaceId: Identity.WorkspaceId.make("1f0e5a57-0000-4000-8000-000000000002"),
  runtimeId: Runtime.RuntimeId.make("1f0e5a57-0000-4000-8000-000000000003"),
  by: Identity.UserId.make("1f0e5a57-0000-4000-8000-000000000004")
}

/** A task that was enqueued at `createdAt`. */
export const fresh: Task.Task = Task.make({
  ...ids,
  prompt: "fix it",
  folder: null,
  model: null,
  policy: "all",
  priority: 0,
  key: null,
  retryOf: null
}, createdAt)

export const claimant: Task.Claimant = {
  daemonId: Identity.DaemonId.make("box"),
  fenced: true,
  tokenHash: "a".repeat(64)
}

export const result: Task.Result = { text: "done", stopReason: "end", rejections: 0 }
export const completed: Task.Outcome = { _tag: "Completed", result }
const stopped: Task.Outcome = { _tag: "Cancelled", result: null }
export const failedAs = (reason: Task.Reason): Task.Outcome => ({ _tag: "Failed", reason, error: "no", result: null })

export const usage: Task.Usage = {
  epoch: 1,
  provider: "codex",
  model: "gpt-x",
  inputTokens: 3,
  outputTokens: 2,
  cacheReadTokens: 1,
  cacheWriteTokens: 0
}

const upTo = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))

/** How much time passes: a little, past what is due soon, past a grace, past a day. In ms. */
const Ms = Schema.Union([
  upTo(50),
  upTo(100_000),
  Schema.Literals([45_001, 60_001, 90_001, 300_001, Task.times.grace + 1, Task.times.queued + 1])
])

const What = Schema.Literals([
  "claim",
  "claim",
  "claim",
  "claimSilently",
  "renew",
  "release",
  "start",
  "start",
  "start",
  "note",
  "complete",
  "fail",
  "fail",
  "confirm",
  "cancel",
  "beat",
  "beat",
  "orphan",
  "look",
  "deleteRuntime"
])

/** One event of a task; `late`: how many claims ago the caller's epoch was given. */
export const Event = Schema.Struct({
  after: Ms,
  what: What,
  late: Schema.Literals([0, 0, 0, 0, 1]),
  reason: Task.Reason
})
export type Event = typeof Event.Type
export const anyLife = Arbitrary.array(Arbitrary.schema(Event), { maxLength: 40 })

/** What one event makes of the record; `fenced`: the answer to a daemon's call. */
export interface Version {
  readonly at: number
  readonly event: Event | undefined
  readonly task: Task.Task
  readonly fenced?: Task.Fenced
}

const taken = (task: Task.Task, at: number, fenced: boolean): Task.Task => {
  if (Task.isClaimable(task, at)) return Task.claim(task, { ...claimant, fenced }, at)
  return Task.isRedeliverable(task, at) ? Task.redeliver(task, "b".repeat(64), at) : task
}

const rules: Partial<Record<Event["what"], (task: Task.Task, epoch: number, at: number, event: Event) => Task.Fenced>> =
  {
    renew: Task.renew,
    release: Task.release,
    start: Task.start,
    note: (task, epoch, at) => Task.note(task, epoch, { usage: [{ ...usage, epoch }] }, at),
    complete: (task, epoch, at) => Task.settleWithNote(task, epoch, completed, { usage: [{ ...usage, epoch }] }, at),
    fail: (task, epoch, at, { reason }) => Task.settleWithNote(task, epoch, failedAs(reason), {}, at),
    confirm: (task, epoch, at) => Task.settleWithNote(task, epoch, stopped, {}, at)
  }

const plain = (task: Task.Task, epoch: number, at: number, what: Event["what"]): Task.Task => {
  switch (what) {
    case "claim":
    case "claimSilently":
      return taken(task, at, what === "claim")
    case "cancel":
      return Task.cancel(task, ids.by, at)
    case "beat":
      return Task.beat(task, epoch, at).task
    case "orphan":
      return Task.orphan(task, true, at)
    case "deleteRuntime":
      return Task.runtimeDeleted(task, at)
    default:
      return task
  }
}

/** Every version of a task through its life. Before each event the limits are applied, as every store does. */
export const live = (events: ReadonlyArray<Event>): ReadonlyArray<Version> => {
  const versions: Array<Version> = [{ at: createdAt, event: undefined, task: fresh }]
  let at = createdAt
  for (const event of events) {
    at += event.after
    const task = Task.elapse(versions.at(-1)!.task, at)
    const epoch = Math.max(0, task.epoch - event.late)
    const rule = rules[event.what]
    if (rule === undefined) {
      versions.push({ at, event, task: plain(task, epoch, at, event.what) })
    } else {
      const fenced = rule(task, epoch, at, event)
      versions.push({ at, event, task: fenced._tag === "Done" ? fenced.task : task, fenced })
    }
  }
  return versions
}
