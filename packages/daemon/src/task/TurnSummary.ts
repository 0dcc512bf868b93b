import { Task, TextCuts } from "@muster/domain"
import type { AgentEvent } from "../agent/AgentDriver.ts"
import type { TaskEnd } from "../client/TaskServer.ts"

/** What an attempt's events add up to. */
export interface TurnSummary {
  /** The agent's last message: what it said since the last call of a tool. */
  readonly text: string
  readonly rejections: number
  /** By model. */
  readonly usage: ReadonlyMap<string, Extract<AgentEvent, { readonly _tag: "Usage" }>>
}

export const emptySummary: TurnSummary = { text: "", rejections: 0, usage: new Map() }

/** The summary after an event. The text is bounded: of a longer one the start is kept. */
export const withEvent = (summary: TurnSummary, event: AgentEvent): TurnSummary => {
  switch (event._tag) {
    case "Text":
      return summary.text.length >= Task.maxResultText ? summary : { ...summary, text: summary.text + event.text }
    case "Tool":
      return event.status === "pending" || event.status === "running" ? { ...summary, text: "" } : summary
    case "Permission":
      return event.answer === "rejected" ? { ...summary, rejections: summary.rejections + 1 } : summary
    case "Usage": {
      const model = event.model ?? ""
      if (!summary.usage.has(model) && summary.usage.size >= Task.maxUsage) return summary
      return { ...summary, usage: new Map(summary.usage).set(model, event) }
    }
    default:
      return summary
  }
}

/** The result of an attempt, with its text masked. */
export const resultOf = (
  { rejections, text }: TurnSummary,
  stopReason: string | null,
  mask: (text: string) => string
) => ({ text: TextCuts.headOf(mask(text).trim(), Task.maxResultText), stopReason, rejections })

const count = (n: number) => Math.max(0, Math.trunc(n))

/** The usage as it is reported. */
export const usageOf = (provider: string, { usage }: TurnSummary): TaskEnd["usage"] =>
  [...usage].map(([model, told]) => ({
    provider,
    model: model.slice(0, 256),
    inputTokens: count(told.inputTokens),
    outputTokens: count(told.outputTokens),
    cacheReadTokens: count(told.cacheReadTokens),
    cacheWriteTokens: count(told.cacheWriteTokens),
    ...(told.costUsd !== undefined && { costUsd: told.costUsd }),
    meaning: told.meaning
  }))
