import { type Api, Task } from "@muster/domain"
import type { Schema } from "effect"

type Json = { readonly [key: string]: Schema.Json }

const time = (ms: number | null): string | null => ms === null ? null : new Date(ms).toISOString()

/** The status by the words of v0.3.1: its daemon stops at `cancelled`, and confirms nothing. */
export const legacyStatus = (task: Task.Task): typeof Api.LegacyStatus.Type => {
  const status = Task.statusOf(task)
  return status === "cancelling" ? "cancelled" : status
}

/** A task as v0.3.1 words it, without what a claim adds. Source: `docs/protocol.md` 9.2. */
export const legacyTask = (task: Task.Task): Json => {
  const { state } = task
  const attempt = task.attempts.at(-1)
  const result = "result" in state ? state.result : null
  return {
    id: task.id,
    agent_id: task.runtimeId,
    runtime_id: task.runtimeId,
    workspace_id: task.workspaceId,
    issue_id: "",
    status: legacyStatus(task),
    priority: task.priority,
    dispatched_at: time(attempt?.claimedAt ?? null),
    started_at: time(attempt?.startedAt ?? null),
    completed_at: time("endedAt" in state ? state.endedAt : null),
    result: result === null ? null : { output: result.text },
    error: state._tag === "Failed" ? state.error : null,
    ...(state._tag === "Failed" && { failure_reason: state.reason }),
    attempt: Math.max(1, task.attempts.length),
    max_attempts: Task.maxAttempts,
    created_at: time(task.createdAt),
    kind: "chat"
  }
}

/** A claimed task: a chat is the only form in which a v0.3.1 daemon passes on a person's own words. */
export const legacyClaim = (task: Task.Task, repos: ReadonlyArray<{ readonly url: string }>): Json => ({
  ...legacyTask(task),
  agent: { id: task.runtimeId, name: "Muster", instructions: "", ...(task.model !== null && { model: task.model }) },
  ...(repos.length > 0 && { repos: repos.map(({ url }) => ({ url })) }),
  chat_session_id: task.id,
  chat_message: task.prompt,
  ...(task.session !== null && { prior_session_id: task.session.id }),
  ...(task.session?.folder != null && { prior_work_dir: task.session.folder })
})

const reasons: Record<string, Task.Reason> = { timeout: "timeout", iteration_limit: "iteration_limit" }

/** The outcome of a report of failure. The report of a task that was canceled confirms its end. */
export const legacyFailure = (task: Task.Task, error: string, reason: string): Task.Outcome =>
  task.state._tag === "Cancelling"
    ? { _tag: "Cancelled", result: null }
    : { _tag: "Failed", reason: reasons[reason] ?? "agent_error", error: error, result: null }
