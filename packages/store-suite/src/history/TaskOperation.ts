import { type Identity, Task, type TaskQueue } from "@muster/domain"
import { Equal } from "effect"
import type { Entry, Specification } from "./Linearizable.ts"

/**
 * One operation on a task queue with its answer. `now`: the clock, in epoch ms, from call to return. A claim concerns
 * every task of its runtimes; the other operations one task.
 */
export type TaskOperation =
  & { readonly now: number }
  & (
    | { readonly op: "enqueue"; readonly id: Task.TaskId; readonly input: Task.NewTask; readonly answer: Task.Task }
    | { readonly op: "find"; readonly id: Task.TaskId; readonly answer: Task.Task | undefined }
    | { readonly op: "claim"; readonly claim: TaskQueue.ClaimTasks; readonly answer: ReadonlyArray<Task.Task> }
    | {
      readonly op: "start" | "renew" | "release"
      readonly id: Task.TaskId
      readonly epoch: Task.Epoch
      readonly answer: Task.Fenced | undefined
    }
    | {
      readonly op: "settle"
      readonly id: Task.TaskId
      readonly epoch: Task.Epoch
      readonly outcome: Task.Outcome
      readonly answer: Task.Fenced | undefined
    }
    | {
      readonly op: "beat"
      readonly id: Task.TaskId
      readonly epoch: Task.Epoch
      readonly daemonId: Identity.DaemonId
      readonly answer: Task.Order | null
    }
    | {
      readonly op: "cancel"
      readonly id: Task.TaskId
      readonly by: Identity.UserId
      readonly answer: Task.Task | undefined
    }
  )

export type TaskHistory = ReadonlyArray<Entry<TaskOperation>>

type Of<Op extends TaskOperation["op"]> = Extract<TaskOperation, { readonly op: Op }>

/** The record after the operation, and its answer. */
interface Expected {
  readonly task: Task.Task | undefined
  readonly answer: unknown
}

const rules = { start: Task.start, renew: Task.renew, release: Task.release }

const fenced = (task: Task.Task | undefined, rule: (task: Task.Task) => Task.Fenced): Expected => {
  if (task === undefined) return { task, answer: undefined }
  const answer = rule(task)
  return { task: answer._tag === "Done" ? answer.task : task, answer }
}

const beaten = (task: Task.Task | undefined, { daemonId, epoch, now }: Of<"beat">): Expected => {
  if (task?.daemonId !== daemonId) return { task, answer: "stop" }
  const { order, task: next } = Task.beat(task, epoch, now)
  return { task: next, answer: order }
}

const cancelled = (task: Task.Task | undefined, { by, now }: Of<"cancel">): Expected => {
  const answer = task === undefined ? undefined : Task.cancel(task, by, now)
  return { task: answer, answer }
}

/** One operation on this task; its record has the limits applied. */
const expected = (task: Task.Task | undefined, operation: Exclude<TaskOperation, Of<"claim">>): Expected => {
  const { now } = operation
  switch (operation.op) {
    case "enqueue": {
      const answer = Task.make(operation.input, now)
      return { task: answer, answer }
    }
    case "find":
      return { task, answer: task }
    case "start":
    case "renew":
    case "release":
      return fenced(task, (present) => rules[operation.op](present, operation.epoch, now))
    case "settle":
      return fenced(task, (present) => Task.settleWithNote(present, operation.epoch, operation.outcome, {}, now))
    case "beat":
      return beaten(task, operation)
    case "cancel":
      return cancelled(task, operation)
  }
}

/** What a claim makes of this task if it takes it; undefined: it cannot. */
const claimedBy = (task: Task.Task | undefined, { claim, now }: Of<"claim">): Task.Task | undefined => {
  if (task === undefined || !claim.runtimeIds.includes(task.runtimeId)) return undefined
  if (Task.isClaimable(task, now)) return Task.claim(task, { ...claim, tokenHash: null }, now)
  return task.daemonId === claim.daemonId && Task.isRedeliverable(task, now)
    ? Task.redeliver(task, null, now)
    : undefined
}

/** The records to which a claim may lead: one that has room takes every task that it can. */
const claims = (
  id: Task.TaskId,
  task: Task.Task | undefined,
  operation: Of<"claim">
): ReadonlyArray<Task.Task | undefined> => {
  const next = claimedBy(task, operation)
  const taken = operation.answer.filter((one) => one.id === id)
  if (taken.length > 0) return taken.length === 1 && next !== undefined && Equal.equals(taken[0], next) ? [next] : []
  return next === undefined || operation.answer.length >= operation.claim.max ? [task] : []
}

/** One task of a queue as the pure rules specify it; undefined: it does not exist yet. */
const taskSpecification = (id: Task.TaskId): Specification<Task.Task | undefined, TaskOperation> => ({
  init: undefined,
  step: (before, operation) => {
    const task = before === undefined ? undefined : Task.elapse(before, operation.now)
    if (operation.op === "claim") return claims(id, task, operation)
    const { answer, task: next } = expected(task, operation)
    return Equal.equals(answer, operation.answer) ? [next] : []
  },
  key: (task) => JSON.stringify(task ?? null)
})

/** The part of a history that concerns each task, with its specification. */
export const byTask = (history: TaskHistory) => {
  const ids = new Set(history.flatMap(({ op }) => op.op === "claim" ? op.answer.map(({ id }) => id) : [op.id]))
  return [...ids].map((id) => ({
    specification: taskSpecification(id),
    part: history.filter(({ op }) => op.op === "claim" || op.id === id)
  }))
}
