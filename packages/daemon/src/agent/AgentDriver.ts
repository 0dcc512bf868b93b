import type { TaskEvent } from "@muster/domain"
import { Data, type Effect, type Option, type Scope } from "effect"
import type { Ending } from "../process/ProcessTree.ts"
import type { AgentCli } from "../provider/Provider.ts"

export interface AgentStart {
  readonly cli: AgentCli
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly model?: string
  readonly session?: string
  readonly permissions: "all" | "none"
}
export type AgentEvent =
  | { readonly _tag: "Text"; readonly text: string }
  | { readonly _tag: "Thought"; readonly text: string }
  | {
    readonly _tag: "Tool"
    readonly id: string
    readonly title?: string
    readonly kind?: TaskEvent.ToolKind
    readonly input?: unknown
    readonly status: TaskEvent.ToolStatus
  }
  | { readonly _tag: "Output"; readonly tool: string; readonly text: string }
  | { readonly _tag: "Plan"; readonly entries: ReadonlyArray<{ readonly text: string; readonly status: string }> }
  | {
    readonly _tag: "Usage"
    readonly inputTokens: number
    readonly outputTokens: number
    readonly cacheReadTokens: number
    readonly cacheWriteTokens: number
    readonly costUsd?: number
    readonly meaning: "call" | "turn" | "session"
    readonly model?: string
  }
  | {
    readonly _tag: "Permission"
    readonly tool: string
    readonly title: string
    readonly answer: "allowed" | "rejected"
  }
  | { readonly _tag: "Notice"; readonly text: string }
export class AgentFailed extends Data.TaggedError("AgentFailed")<{
  readonly reason: "missing" | "start" | "died" | "protocol" | "refused" | "auth"
  readonly message: string
}> {}
export interface TurnEnd {
  readonly stop: "end" | "cancelled" | "refusal" | "max_tokens" | "max_turns" | "error"
  readonly message?: string
}
export interface AgentSession {
  readonly sessionId: Option.Option<string>
  readonly resumed: boolean
  readonly pid: number
  readonly prompt: (text: string) => Effect.Effect<TurnEnd, AgentFailed>
  readonly cancel: Effect.Effect<void>
  readonly endInput: Effect.Effect<void>
  readonly exited: Effect.Effect<Ending>
  readonly stderrTail: Effect.Effect<string>
}
export interface AgentDriver {
  readonly start: (
    how: AgentStart,
    onEvent: (event: AgentEvent) => Effect.Effect<void>
  ) => Effect.Effect<AgentSession, AgentFailed, Scope.Scope>
}
