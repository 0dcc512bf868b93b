import type { Task } from "@muster/domain"
import type { TaskEnd } from "./TaskServer.ts"

/** The reasons of v0.3.1 for ours: for `timeout` and `runtime_recovery` its server tries again. Source: `docs/protocol.md` 9.8. */
const reasons: Partial<Record<Task.Reason, string>> = {
  start_timeout: "timeout",
  first_event_timeout: "timeout",
  idle_timeout: "timeout",
  tool_timeout: "timeout",
  timeout: "timeout",
  daemon_restarted: "runtime_recovery",
  iteration_limit: "iteration_limit"
}

/** The usage as v0.3.1 counts it: per provider and model, replacing earlier numbers. */
export const legacyUsage = (usage: TaskEnd["usage"]) =>
  usage.map((one) => ({
    provider: one.provider,
    model: one.model,
    input_tokens: one.inputTokens,
    output_tokens: one.outputTokens,
    cache_read_tokens: one.cacheReadTokens,
    cache_write_tokens: one.cacheWriteTokens
  }))

/** The report of an end; undefined: a v0.3.1 server wants none, since it knows of the cancel. */
export const legacyEnd = (
  { outcome, session }: TaskEnd
): { readonly word: "complete" | "fail"; readonly body: object } | undefined => {
  const place = session === null
    ? {}
    : { session_id: session.id, ...(session.folder !== null && { work_dir: session.folder }) }
  switch (outcome.type) {
    case "completed":
      return { word: "complete", body: { output: outcome.result.text, ...place } }
    case "failed":
      return {
        word: "fail",
        body: { error: outcome.error, failure_reason: reasons[outcome.reason] ?? "agent_error", ...place }
      }
    case "cancelled":
      return undefined
  }
}
