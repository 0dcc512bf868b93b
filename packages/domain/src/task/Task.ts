import type { DaemonId } from "../access/DaemonId.ts"
import type { UserId } from "../access/Identity.ts"
import type { RuntimeId } from "../runtime/Runtime.ts"
import {
  type Attempt,
  type Epoch,
  isActive,
  isTerminal,
  type Result,
  type Session,
  type Status,
  statusOf,
  type Task,
  type Usage
} from "./TaskRecord.ts"
import { maxAttempts, maxDeliveries, type Reason, retryWaits, times } from "./TaskTerms.ts"
import { exactResult, withUsage } from "./TaskUsage.ts"

export * from "./TaskRecord.ts"
export * from "./TaskTerms.ts"
export { totalUsage } from "./TaskUsage.ts"

/** What a person asks for, and the id and times of the new record. `now` in epoch ms. */
export type NewTask = Pick<
  Task,
  "id" | "workspaceId" | "runtimeId" | "by" | "prompt" | "folder" | "model" | "policy" | "priority" | "key" | "retryOf"
>

export const make = (input: NewTask, now: number): Task => ({
  ...input,
  createdAt: now,
  updatedAt: now,
  state: { _tag: "Queued", queuedAt: now, notBefore: now },
  epoch: 0,
  daemonId: null,
  fenced: true,
  attempts: [],
  cancel: null,
  session: null,
  usage: [],
  tokenHash: null
})

/** The last moment (epoch ms) at which the state is within its limit; null: it is terminal. */
export const deadlineOf = ({ fenced, state }: Task): number | null => {
  switch (state._tag) {
    case "Queued":
      return Math.max(state.queuedAt, state.notBefore) + times.queued
    case "Dispatched":
      return Math.min(
        state.claimedAt + times.preparing,
        Math.max(state.claimedAt + times.unstarted, state.leaseUntil ?? 0)
      )
    case "Running":
      return state.aliveAt + times.grace
    case "Cancelling":
      return state.toldAt === null
        ? state.aliveAt + times.grace
        : state.toldAt + (fenced ? times.cancelling : times.cancellingSilently)
    default:
      return null
  }
}

const sentences = {
  queued_expired: "nobody claimed it within 24 hours: its runtime was offline, full or busy with its key",
  dispatch_timeout: "its daemon claimed it and did not start it in time",
  runtime_lost: "its daemon was not heard for 3 hours while it ran",
  runtime_deleted: "its runtime was deleted",
  daemon_restarted: "its daemon restarted while it ran"
} satisfies Partial<Record<Reason, string>>

const mayStillRun = "; it is not tried again by itself, since its v0.3.1 daemon may still run it"

const endAttempt = (attempts: ReadonlyArray<Attempt>, endedAt: number, reason: Reason | null): ReadonlyArray<Attempt> =>
  attempts.map((attempt, index) => index === attempts.length - 1 ? { ...attempt, endedAt, reason } : attempt)

const end = (task: Task, state: Task["state"], at: number, reason: Reason | null): Task => ({
  ...task,
  state,
  attempts: isActive(task) ? endAttempt(task.attempts, at, reason) : task.attempts,
  tokenHash: null,
  updatedAt: at
})

const cancelled = (task: Task, confirmed: boolean, result: Result | null, at: number): Task =>
  end(task, { _tag: "Cancelled", endedAt: at, confirmed, result }, at, null)

/** The wait before another attempt after this one failed, in ms; undefined: there is none. */
const waitAfter = (task: Task, reason: Reason): number | undefined => {
  if (!isActive(task) || task.attempts.length >= maxAttempts || isUncertain(task, reason)) return undefined
  const wait = retryWaits[reason]?.[task.attempts.length - 1]
  return wait === undefined || task.fenced ? wait : Math.max(wait, times.silentStop)
}

/**
 * Whether the daemon of the claim may still run the task, and its calls name no claim (v0.3.1): its late report of this
 * attempt would end the next one.
 */
const isUncertain = ({ fenced }: Task, reason: Reason): boolean =>
  !fenced && (reason === "runtime_lost" || reason === "dispatch_timeout")

/**
 * The task after its attempt failed at `at`: queued for the next attempt if the reason allows one, else failed. A
 * canceled task ends canceled.
 */
const failed = (task: Task, reason: Reason, error: string, result: Result | null, at: number): Task => {
  if (task.cancel !== null) {
    return cancelled(task, reason !== "runtime_lost" && reason !== "runtime_deleted", result, at)
  }
  const wait = waitAfter(task, reason)
  return wait === undefined
    ? end(task, { _tag: "Failed", endedAt: at, reason, error, result }, at, reason)
    : end(task, { _tag: "Queued", queuedAt: at, notBefore: at + wait }, at, reason)
}

/** The task after the limit of its state passed. */
const lapsed = (task: Task, deadline: number): Task => {
  const fail = (reason: "queued_expired" | "dispatch_timeout" | "runtime_lost") =>
    failed(task, reason, `${sentences[reason]}${isUncertain(task, reason) ? mayStillRun : ""}`, null, deadline)
  switch (task.state._tag) {
    case "Queued":
      return fail("queued_expired")
    case "Dispatched":
      return fail("dispatch_timeout")
    case "Running":
      return fail("runtime_lost")
    default:
      return cancelled(task, false, null, deadline)
  }
}

/**
 * The record with its limits applied at `now`. A limit takes effect at its own time, so the result does not depend on
 * when, where or how often the record is read.
 */
export const elapse = (task: Task, now: number): Task => {
  let current = task
  for (;;) {
    const deadline = deadlineOf(current)
    if (deadline === null || now <= deadline) return current
    current = lapsed(current, deadline)
  }
}

/** Who claims. `fenced` false: a v0.3.1 daemon. `tokenHash`: of the task token that the reply carries; null: none. */
export interface Claimant {
  readonly daemonId: DaemonId
  readonly fenced: boolean
  readonly tokenHash: string | null
}

/** Whether a claim at `now` may take it, apart from its key. The record's limits are applied. */
export const isClaimable = ({ state }: Task, now: number): boolean => state._tag === "Queued" && state.notBefore <= now

export const claim = (task: Task, { daemonId, fenced, tokenHash }: Claimant, now: number): Task => ({
  ...task,
  state: { _tag: "Dispatched", claimedAt: now, deliveredAt: now, deliveries: 1, leaseUntil: null },
  epoch: task.epoch + 1,
  daemonId,
  fenced,
  attempts: [...task.attempts, {
    number: task.attempts.length + 1,
    epoch: task.epoch + 1,
    daemonId,
    claimedAt: now,
    startedAt: null,
    endedAt: null,
    reason: null
  }],
  tokenHash,
  updatedAt: now
})

/** Whether the reply to its claim is taken for lost, so that the same daemon gets it again with the same epoch. */
export const isRedeliverable = ({ state }: Task, now: number): boolean =>
  state._tag === "Dispatched" && state.deliveries < maxDeliveries &&
  now - state.deliveredAt > times.redeliverAfter && (state.leaseUntil ?? 0) < now

/** The record after another delivery. Only for a redeliverable one; the token of the delivery before ends. */
export const redeliver = (task: Task, tokenHash: string | null, now: number): Task =>
  task.state._tag === "Dispatched"
    ? {
      ...task,
      state: { ...task.state, deliveredAt: now, deliveries: task.state.deliveries + 1 },
      tokenHash,
      updatedAt: now
    }
    : task

/** What became of a call of a daemon. */
export type Fenced =
  | { readonly _tag: "Done"; readonly task: Task }
  /** The call belongs to an earlier claim: the daemon stops that process and forgets it. */
  | { readonly _tag: "Superseded" }
  /** The state of the task does not allow it, and nothing changed. */
  | { readonly _tag: "Refused"; readonly task: Task; readonly status: Status }

const done = (task: Task): Fenced => ({ _tag: "Done", task })
const superseded: Fenced = { _tag: "Superseded" }
const refused = (task: Task): Fenced => ({ _tag: "Refused", task, status: statusOf(task) })

/** Whether a call with this epoch belongs to a claim that is over. A terminal task still knows its last claim. */
export const isSuperseded = (task: Task, epoch: Epoch): boolean => epoch !== task.epoch || task.state._tag === "Queued"

const fence = (task: Task, epoch: Epoch, step: (task: Task) => Fenced): Fenced =>
  isSuperseded(task, epoch) ? superseded : step(task)

/** The daemon prepares the task: its lease ends `times.lease` after `now`. */
export const renew = (task: Task, epoch: Epoch, now: number): Fenced =>
  fence(task, epoch, (current) =>
    current.state._tag === "Dispatched"
      ? done({ ...current, state: { ...current.state, leaseUntil: now + times.lease }, updatedAt: now })
      : refused(current))

/** The daemon gives back a task that it did not start: the attempt is not counted. A canceled one ends. */
export const release = (task: Task, epoch: Epoch, now: number): Fenced =>
  fence(task, epoch, (current) => {
    const { state } = current
    if (state._tag === "Cancelling" && state.startedAt === null) return done(cancelled(current, true, null, now))
    if (state._tag !== "Dispatched") return refused(current)
    return done({
      ...current,
      state: { _tag: "Queued", queuedAt: now, notBefore: now },
      attempts: current.attempts.slice(0, -1),
      tokenHash: null,
      updatedAt: now
    })
  })

/**
 * The daemon starts the agent. A repeated call of the same claim changes nothing, since its reply may be lost; of a
 * v0.3.1 daemon it is refused. Source: `docs/protocol.md` 9.3.
 */
export const start = (task: Task, epoch: Epoch, now: number): Fenced =>
  fence(task, epoch, (current) => {
    if (current.state._tag === "Running" && current.fenced) return done(current)
    if (current.state._tag !== "Dispatched") return refused(current)
    return done({
      ...current,
      state: { _tag: "Running", startedAt: now, aliveAt: now },
      attempts: current.attempts.map((attempt) => attempt.epoch === epoch ? { ...attempt, startedAt: now } : attempt),
      updatedAt: now
    })
  })

/** How an attempt ended, as its daemon reports. */
export type Outcome =
  | { readonly _tag: "Completed"; readonly result: Result }
  | { readonly _tag: "Failed"; readonly reason: Reason; readonly error: string; readonly result: Result | null }
  /** Nothing of it runs any more, as a person ordered. */
  | { readonly _tag: "Cancelled"; readonly result: Result | null }

/**
 * The record after the report of an end. A terminal one does not change, which is no refusal: it is `Done` with the
 * record as it is. An agent that ended by itself while a cancel was on its way has completed.
 */
export const settle = (task: Task, epoch: Epoch, outcome: Outcome, now: number): Fenced =>
  fence(task, epoch, (current) => {
    if (isTerminal(current)) return done(current)
    const { state } = current
    switch (outcome._tag) {
      case "Completed":
        return state._tag === "Running" || (state._tag === "Cancelling" && state.startedAt !== null)
          ? done(end(current, { _tag: "Completed", endedAt: now, result: exactResult(outcome.result) }, now, null))
          : refused(current)
      case "Failed":
        return done(failed(current, outcome.reason, outcome.error, exactResult(outcome.result), now))
      case "Cancelled":
        return state._tag === "Cancelling"
          ? done(cancelled(current, true, exactResult(outcome.result), now))
          : refused(current)
    }
  })

/** What the daemon learns while the agent runs. A key that is absent does not change. */
export interface Note {
  readonly session?: Session
  /** Replaces the numbers of the same claim, provider and model. */
  readonly usage?: ReadonlyArray<Usage>
}

/** Also for a terminal task of the same claim: usage may arrive after the end. */
export const note = (task: Task, epoch: Epoch, { session, usage }: Note, now: number): Fenced =>
  fence(task, epoch, (current) =>
    done({
      ...current,
      ...(session !== undefined && { session }),
      ...(usage !== undefined && { usage: withUsage(current.usage, usage) }),
      updatedAt: now
    }))

/**
 * The record after the report of an end and of what the daemon learned until then. A refused report changes nothing, and
 * a repeated one changes nothing but the usage.
 */
export const settleWithNote = (task: Task, epoch: Epoch, outcome: Outcome, told: Note, now: number): Fenced => {
  const isTold = told.session !== undefined || told.usage !== undefined
  const noted = isTold ? note(task, epoch, told, now) : done(task)
  if (noted._tag !== "Done") return noted
  const settled = settle(noted.task, epoch, outcome, now)
  return settled._tag === "Refused" ? refused(task) : settled
}

/** The record after a person's cancel. The first one decides; a terminal record does not change. */
export const cancel = (task: Task, by: UserId | null, now: number): Task => {
  const { state } = task
  const asked = { ...task, cancel: { by, at: now } }
  switch (state._tag) {
    case "Queued":
      return cancelled(asked, true, null, now)
    case "Dispatched":
      return {
        ...asked,
        state: { _tag: "Cancelling", startedAt: null, since: now, aliveAt: now, toldAt: null },
        updatedAt: now
      }
    case "Running":
      return {
        ...asked,
        state: { _tag: "Cancelling", startedAt: state.startedAt, since: now, aliveAt: state.aliveAt, toldAt: null },
        updatedAt: now
      }
    default:
      return task
  }
}

/** What a daemon has to do with a task that it holds. `stop`: end its processes and report nothing. */
export type Order = "cancel" | "stop"

/** The daemon names a task that it holds: a sign of life. `order` null: go on. */
export const beat = (
  task: Task,
  epoch: Epoch,
  now: number
): { readonly task: Task; readonly order: Order | null } => {
  const { state } = task
  if (isSuperseded(task, epoch) || isTerminal(task)) return { task, order: "stop" }
  if (state._tag === "Running") return { task: { ...task, state: { ...state, aliveAt: now } }, order: null }
  if (state._tag === "Cancelling") {
    return { task: { ...task, state: { ...state, aliveAt: now, toldAt: state.toldAt ?? now } }, order: "cancel" }
  }
  return { task, order: null }
}

/**
 * The daemon restarted and does not hold the task: one that ran has lost its attempt, one that was not started goes
 * back to the queue uncounted. `swept`: the daemon has ended what was left of its claims; of a v0.3.1 daemon's claim it
 * cannot know that.
 */
export const orphan = (task: Task, swept: boolean, now: number): Task => {
  switch (task.state._tag) {
    case "Dispatched": {
      const released = release(task, task.epoch, now)
      return released._tag === "Done" ? released.task : task
    }
    case "Running":
      return failed(task, "daemon_restarted", sentences.daemon_restarted, null, now)
    case "Cancelling":
      return cancelled(task, swept && task.fenced, null, now)
    default:
      return task
  }
}

/** The runtime was deleted: there is no other attempt. */
export const runtimeDeleted = (task: Task, now: number): Task =>
  isTerminal(task) ? task : failed(task, "runtime_deleted", sentences.runtime_deleted, null, now)

/** The key of a task that works in this folder of the daemon's machine. */
export const folderKey = (daemonId: DaemonId | null, folder: string): string => `folder:${daemonId}:${folder}`

/** A runtime that was merged into another one of the same machine and provider, and the daemon that has it now. */
export interface Merge {
  readonly from: RuntimeId
  readonly into: RuntimeId
  readonly daemonId: DaemonId
}

/**
 * The task after its runtime was merged: queued on the other runtime, with its session. Its daemon has another id now, so
 * one that was active is an orphan first.
 */
export const move = (task: Task, { daemonId, into }: Merge, now: number): Task => {
  const left = orphan(task, false, now)
  if (left.state._tag !== "Queued") return left
  return {
    ...left,
    runtimeId: into,
    key: left.folder === null ? left.key : folderKey(daemonId, left.folder),
    session: left.session === null ? null : { ...left.session, runtimeId: into },
    updatedAt: now
  }
}
