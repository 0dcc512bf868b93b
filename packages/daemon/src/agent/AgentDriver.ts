import type { TaskEvent } from "@muster/domain"
import { Data, type Effect, type Option, type Scope } from "effect"
import type { Ending } from "../process/ProcessTree.ts"
import type { AgentCli } from "../provider/Provider.ts"

/** How an agent is started. */
export interface AgentStart {
  readonly cli: AgentCli
  /** The folder that it works in, absolute. */
  readonly cwd: string
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>
  /** Absent: the CLI's own default. */
  readonly model?: string
  /** The session to go on with; absent: a new one. */
  readonly session?: string
  /** What it is answered when it asks: each call is allowed once, or rejected once. */
  readonly permissions: "all" | "none"
}

/** What an agent reports while it works. */
export type AgentEvent =
  | { readonly _tag: "Text"; readonly text: string }
  | { readonly _tag: "Thought"; readonly text: string }
  /** A call of a tool: a later event with its id replaces what it has. */
  | {
    readonly _tag: "Tool"
    readonly id: string
    readonly title?: string
    readonly kind?: TaskEvent.ToolKind
    readonly input?: unknown
    readonly status: TaskEvent.ToolStatus
  }
  /** The next piece of a tool's output. */
  | { readonly _tag: "Output"; readonly tool: string; readonly text: string }
  | { readonly _tag: "Plan"; readonly entries: ReadonlyArray<{ readonly text: string; readonly status: string }> }
  /** Replaces the numbers that the same model had. `meaning`: what they cover. */
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
  /** What the driver answered when the agent asked. */
  | {
    readonly _tag: "Permission"
    readonly tool: string
    readonly title: string
    readonly answer: "allowed" | "rejected"
  }
  | { readonly _tag: "Notice"; readonly text: string }

/**
 * Why an agent cannot go on:
 * - `missing`: it cannot be started
 * - `start`: it opened no session
 * - `died`: it ended, or closed its output
 * - `protocol`: it does not follow its protocol
 * - `refused`: it answered with an error
 * - `auth`: it asks for a login
 */
export class AgentFailed extends Data.TaggedError("AgentFailed")<{
  readonly reason: "missing" | "start" | "died" | "protocol" | "refused" | "auth"
  /** One sentence for people, with what the agent wrote to stderr if it died. */
  readonly message: string
}> {}

/** How a turn ended, by the agent's own words. */
export interface TurnEnd {
  readonly stop: "end" | "cancelled" | "refusal" | "max_tokens" | "max_turns" | "error"
  readonly message?: string
}

/** An agent with an open session. */
export interface AgentSession {
  /** The provider's id of the session, as far as it is known; some agents tell it with the first turn. */
  readonly sessionId: Effect.Effect<Option.Option<string>>
  /** Whether it goes on with the session that was asked for. */
  readonly resumed: boolean
  /** The leader of its process group. */
  readonly pid: number
  /** One turn. Its events have been passed on when this completes. */
  readonly prompt: (text: string) => Effect.Effect<TurnEnd, AgentFailed>
  /** Asks it by its protocol to end the turn. Returns at once; a second call changes nothing. */
  readonly cancel: Effect.Effect<void>
  /** Closes its stdin. */
  readonly endInput: Effect.Effect<void>
  /** Completes when the leader ended. */
  readonly exited: Effect.Effect<Ending>
}

/** How one kind of CLI is given work. */
export interface AgentDriver {
  /**
   * Starts the CLI and opens a session, for the scope, at whose end its process tree ends. `onEvent` is awaited: a slow log
   * slows the agent, so that nothing piles up.
   */
  readonly start: (
    how: AgentStart,
    onEvent: (event: AgentEvent) => Effect.Effect<void>
  ) => Effect.Effect<AgentSession, AgentFailed, Scope.Scope>
}
