import type { RuntimeStatus } from "../runtime/Runtime.ts"
import { deadlineOf, maxAttempts, maxDeliveries, type State, type Task, times } from "./Task.ts"

/** What is known about a task, to explain why it is where it is. Times are epoch ms. */
export interface TaskFacts {
  readonly now: number
  /** The task with its limits applied. */
  readonly task: Task
  readonly runtime:
    | {
      readonly _tag: "Found"
      readonly name: string
      readonly status: RuntimeStatus
      /** Null: it never sent a heartbeat. */
      readonly lastSeenAt: number | null
      /** Its machine takes no new work. */
      readonly isDraining: boolean
    }
    | { readonly _tag: "Gone" }
    /** The registry did not answer. */
    | { readonly _tag: "Unknown" }
  /** The active tasks on the runtimes of its machine, oldest first; null: not known. */
  readonly active: ReadonlyArray<Pick<Task, "id">> | null
  /** The active task that holds its key; null: none, or not known. */
  readonly keyHolder: Pick<Task, "id"> | null
  /** The name of the person who canceled it; null: nobody did, or not known. */
  readonly cancelledBy: string | null
}

/** What happens next by itself, at the latest at `at` (epoch ms). */
export interface TaskNext {
  readonly text: string
  readonly at: number
}

type In<Tag extends State["_tag"]> = Extract<State, { readonly _tag: Tag }>

/** How many tasks a sentence names. */
const maxNamed = 3

/** A duration for people: `12 s`, `3 min`, `2 h`, `5 d`. */
const span = (ms: number): string => {
  const s = Math.max(0, Math.round(ms / 1_000))
  if (s < 120) return `${s} s`
  if (s < 7_200) return `${Math.floor(s / 60)} min`
  return s < 172_800 ? `${Math.floor(s / 3_600)} h` : `${Math.floor(s / 86_400)} d`
}

const nameOf = ({ runtime }: TaskFacts) => runtime._tag === "Found" ? runtime.name : "its runtime"

const named = (tasks: ReadonlyArray<Pick<Task, "id">>): string => {
  const ids = tasks.slice(0, maxNamed).map(({ id }) => id).join(", ")
  return tasks.length > maxNamed ? `${ids} and ${tasks.length - maxNamed} more` : ids
}

/** What prevents the runtime from claiming anything; undefined: nothing that is known. */
const obstacle = ({ now, runtime }: TaskFacts): string | undefined => {
  if (runtime._tag === "Gone") return "its runtime was deleted, so no daemon will claim it"
  if (runtime._tag === "Unknown") return "it is not known whether its runtime is online"
  const { isDraining, lastSeenAt, name, status } = runtime
  if (lastSeenAt === null) return `${name} has never been online: its daemon claims the task when it starts`
  if (status === "offline") {
    return `${name} is offline, its last heartbeat was ${
      span(now - lastSeenAt)
    } ago: its daemon claims the task when it is back`
  }
  return isDraining ? `the machine of ${name} is draining and takes no new work` : undefined
}

/** What the task waits for. */
const waitsFor = (facts: TaskFacts): string => {
  const { active, keyHolder, task } = facts
  const blocked = obstacle(facts)
  if (blocked !== undefined) return blocked
  if (keyHolder !== null) {
    const what = task.folder === null ? "the same key" : `the folder ${task.folder}`
    return `task ${keyHolder.id} uses ${what}, and one task at a time may do so`
  }
  if (active !== null && active.length > 0) {
    const tasks = active.length === 1 ? "a task" : `${active.length} tasks`
    return `the machine of ${nameOf(facts)} runs ${tasks} (${named(active)}) and claims it when a slot is free`
  }
  return `${nameOf(facts)} is online, and its daemon claims it when a slot is free`
}

const queued = (facts: TaskFacts, state: In<"Queued">): string => {
  const { now, task } = facts
  const last = task.attempts.at(-1)
  const since = `It has been queued for ${span(now - state.queuedAt)}`
  if (last?.reason != null) {
    const next = `attempt ${last.number} of ${maxAttempts} failed (${last.reason})`
    return state.notBefore > now
      ? `${since}: ${next}, and the next attempt begins in ${span(state.notBefore - now)}.`
      : `${since}: ${next}, and it waits for the next one: ${waitsFor(facts)}.`
  }
  return `${since}: ${waitsFor(facts)}.`
}

const dispatched = (facts: TaskFacts, { claimedAt, deliveries, leaseUntil }: In<"Dispatched">): string => {
  const by = `The daemon of ${nameOf(facts)} claimed it ${span(facts.now - claimedAt)} ago`
  return leaseUntil === null
    ? `${by} and has not started it yet (delivery ${deliveries} of ${maxDeliveries}).`
    : `${by} and prepares it.`
}

const running = (facts: TaskFacts, { aliveAt, startedAt }: In<"Running">): string => {
  const { now, runtime, task } = facts
  const attempt = task.attempts.length > 1 ? `, attempt ${task.attempts.length} of ${maxAttempts}` : ""
  const runs = `It has run for ${span(now - startedAt)} on ${nameOf(facts)}${attempt}.`
  const silent = `Its daemon last reported it ${span(now - aliveAt)} ago`
  return runtime._tag === "Found" && runtime.status === "online"
    ? `${runs} ${silent}.`
    : `${runs} ${silent}, and it may still run there.`
}

const by = ({ cancelledBy }: TaskFacts) => cancelledBy === null ? "" : ` by ${cancelledBy}`

const cancelling = (facts: TaskFacts, { since, toldAt }: In<"Cancelling">): string => {
  const asked = `It was canceled${by(facts)} ${span(facts.now - since)} ago`
  return toldAt === null
    ? `${asked}, and its daemon has not received the order yet.`
    : `${asked}: its daemon received the order ${span(facts.now - toldAt)} ago and ends its processes.`
}

const rejections = (count: number) =>
  count === 0 ? "" : ` Its policy rejected ${count} ${count === 1 ? "call" : "calls"}.`

const failed = (task: Task, { error, reason }: In<"Failed">, when: string): string => {
  const attempts = task.attempts.length > 1 ? ` after ${task.attempts.length} attempts` : ""
  return `It failed ${when}${attempts} (${reason}): ${error === "" ? "no reason was given" : error}.`
}

const cancelled = (facts: TaskFacts, { confirmed }: In<"Cancelled">, when: string): string => {
  const ended = `It was canceled${by(facts)} and ended ${when}`
  if (facts.task.attempts.length === 0) return `${ended}; no daemon had claimed it.`
  return confirmed
    ? `${ended}; its daemon confirmed that nothing of it runs.`
    : `${ended}; its daemon did not confirm that nothing of it runs.`
}

const sentence = (facts: TaskFacts): string => {
  const { now, task } = facts
  const { state } = task
  switch (state._tag) {
    case "Queued":
      return queued(facts, state)
    case "Dispatched":
      return dispatched(facts, state)
    case "Running":
      return running(facts, state)
    case "Cancelling":
      return cancelling(facts, state)
    case "Completed":
      return `It was completed ${span(now - state.endedAt)} ago, ${
        span(state.endedAt - task.createdAt)
      } after it was ` +
        `created.${rejections(state.result.rejections)}`
    case "Failed":
      return failed(task, state, `${span(now - state.endedAt)} ago`)
    case "Cancelled":
      return cancelled(facts, state, `${span(now - state.endedAt)} ago`)
  }
}

/** What the state's deadline does. */
const lapses: Record<"Queued" | "Dispatched" | "Running" | "Cancelling", string> = {
  Queued: "it fails if no daemon has claimed it",
  Dispatched: "the attempt ends if its daemon has not started it",
  Running: "the attempt ends if its daemon stays silent",
  Cancelling: "it ends as canceled even if its daemon does not confirm it"
}

const next = ({ now, task }: TaskFacts): TaskNext | null => {
  const { state } = task
  const deadline = deadlineOf(task)
  if (deadline === null) return null
  if (state._tag === "Queued" && state.notBefore > now) return { text: "a daemon may claim it", at: state.notBefore }
  if (state._tag === "Dispatched" && state.deliveries < maxDeliveries) {
    const at = Math.max(state.deliveredAt + times.redeliverAfter, state.leaseUntil ?? 0)
    if (at > now && at < deadline) return { text: "the same daemon gets it again if it has not started it", at }
  }
  return { text: lapses[state._tag as keyof typeof lapses], at: deadline }
}

/**
 * Explains in one or two sentences why a task is queued, what is awaited while it is active, or how it ended; and what
 * happens next by itself, which is null only for a terminal task. States explicitly what is not known.
 */
export const explainTask = (facts: TaskFacts): { readonly text: string; readonly next: TaskNext | null } => ({
  text: sentence(facts),
  next: next(facts)
})
