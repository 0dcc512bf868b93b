import type { Api } from "@muster/domain"
import type { FailureClass } from "../failure/ExitCode.ts"
import { Failure } from "../failure/Failure.ts"
import { printable } from "../output/Text.ts"

/** Reasons that are a limit of time. */
const timeouts: ReadonlySet<string> = new Set([
  "queued_expired",
  "dispatch_timeout",
  "runtime_lost",
  "start_timeout",
  "first_event_timeout",
  "idle_timeout",
  "tool_timeout",
  "timeout"
])

const failureOf = (task: Api.TaskRecord, kind: FailureClass, code: string, sentence: string, next: string) =>
  new Failure({ class: kind, code, sentence, next, details: { task_id: task.id, status: task.status } })

/** Why a task that has ended is no success; undefined: it completed, and nothing was rejected. */
export const taskFailure = (task: Api.TaskRecord): Failure | undefined => {
  const again = `try it again: muster tasks retry ${task.id.slice(0, 8)}`
  switch (task.status) {
    case "failed": {
      const reason = task.reason ?? "agent_error"
      return failureOf(
        task,
        timeouts.has(reason) ? "timedOut" : "failedThere",
        reason,
        `the task failed: ${printable(task.error ?? reason)}`,
        again
      )
    }
    case "cancelled":
      return failureOf(
        task,
        "cancelled",
        "cancelled",
        task.confirmed === false
          ? "the task was canceled, but its daemon did not confirm that nothing of it runs"
          : "the task was canceled",
        again
      )
    case "completed":
      return task.rejections === 0 ? undefined : failureOf(
        task,
        "rejected",
        "rejected",
        `the task ended, but its policy rejected ${task.rejections} ${
          task.rejections === 1 ? "call" : "calls"
        } of tools`,
        "give it the policy that allows them: muster run --policy all"
      )
    default:
      return undefined
  }
}

/** A failure whose document is printed already: as the last line of the stream. */
export const afterStream = (failure: Failure) =>
  new Failure({
    class: failure.class,
    code: failure.code,
    sentence: failure.sentence,
    next: failure.next,
    isDocumented: true
  })
