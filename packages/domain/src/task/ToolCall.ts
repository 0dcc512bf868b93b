import type { Schema } from "effect"
import type { Body, ToolKind, ToolStatus } from "./TaskEvent.ts"

/** The maximum number of calls that a reader of a log follows; it forgets the oldest one then. */
export const maxFollowed = 1_000

/** A call of a tool, as the events of a log have described it so far. Times are epoch ms. */
export interface ToolCall {
  readonly id: string
  /** For people. Untrusted text of one line. */
  readonly title: string
  readonly tool: ToolKind
  readonly status: ToolStatus
  /** Undefined: not reported yet. */
  readonly input: Schema.Json | undefined
  readonly since: number
  /** Null: it has not ended. */
  readonly endedAt: number | null
}

type Told = Extract<Body, { readonly kind: "tool" }>

/** Whether the call has ended, well or not. */
export const isOver = ({ status }: Pick<ToolCall, "status">): boolean => status === "completed" || status === "failed"

/** The call after an event of time `at` (epoch ms). `known` undefined: this is its first event. */
export const next = (known: ToolCall | undefined, told: Told, at: number): ToolCall => {
  const tool = told.tool ?? known?.tool ?? "other"
  return {
    id: told.id,
    title: told.title ?? known?.title ?? told.tool ?? "tool",
    tool,
    status: told.status,
    input: told.input ?? known?.input,
    since: known?.since ?? at,
    endedAt: isOver(told) ? known?.endedAt ?? at : null
  }
}

/** Adds or replaces a call by its id; the oldest is forgotten beyond `maxFollowed`. Changes the map. */
export const remember = <A>(calls: Map<string, A>, id: string, call: A): void => {
  if (!calls.has(id) && calls.size >= maxFollowed) calls.delete(calls.keys().next().value!)
  calls.set(id, call)
}
