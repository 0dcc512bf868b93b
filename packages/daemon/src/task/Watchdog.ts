import type { Task } from "@muster/domain"
import { Clock, Deferred, Duration, Effect, Ref, type Scope } from "effect"
import type { AgentEvent } from "../agent/AgentDriver.ts"
import { SleepWatch } from "../clock/SleepWatch.ts"

/** The time limits of an attempt, in ms. */
export interface WatchdogLimits {
  /** From the start of the agent to its session. */
  readonly start: number
  /** From the prompt to the first event. */
  readonly firstEvent: number
  /** Between two events while no tool runs. */
  readonly idle: number
  /** One call of a tool. */
  readonly tool: number
}

/** Source: what agents need, measured; a slow machine takes minutes to start one. There is no limit of the whole task. */
export const watchdogLimits: WatchdogLimits = {
  start: 3 * 60_000,
  firstEvent: 5 * 60_000,
  idle: 30 * 60_000,
  tool: 2 * 60 * 60_000
}

/** The limit that passed. */
export type WatchdogReason = Extract<
  Task.Reason,
  "start_timeout" | "first_event_timeout" | "idle_timeout" | "tool_timeout"
>

/** What a watchdog looks at. Times are in ms of the fiber's clock. */
export interface Watched {
  readonly phase: "starting" | "prompted" | "working"
  /** When the phase began or the last event came. */
  readonly since: number
  /** The running calls of tools, and when each began. */
  readonly tools: ReadonlyMap<string, number>
}

/** The maximum number of tool calls that are watched. */
const maxTools = 1_000

export const started = (now: number): Watched => ({ phase: "starting", since: now, tools: new Map() })

export const prompted = (now: number): Watched => ({ phase: "prompted", since: now, tools: new Map() })

/** The state after an event of the agent. */
export const afterEvent = (watched: Watched, event: AgentEvent, now: number): Watched => {
  if (event._tag !== "Tool") return { ...watched, phase: "working", since: now }
  const tools = new Map(watched.tools)
  if (event.status === "completed" || event.status === "failed") tools.delete(event.id)
  else if (!tools.has(event.id) && tools.size < maxTools) tools.set(event.id, now)
  return { phase: "working", since: now, tools }
}

/** The state after the machine slept: nothing could happen, so every limit starts again. */
export const afterSleep = (watched: Watched, now: number): Watched => ({
  ...watched,
  since: now,
  tools: new Map([...watched.tools].map(([id]) => [id, now]))
})

/** The next limit that passes, and when. */
export const nextLimit = (
  { phase, since, tools }: Watched,
  limits: WatchdogLimits
): { readonly at: number; readonly reason: WatchdogReason } => {
  if (phase === "starting") return { at: since + limits.start, reason: "start_timeout" }
  if (phase === "prompted") return { at: since + limits.firstEvent, reason: "first_event_timeout" }
  return tools.size === 0
    ? { at: since + limits.idle, reason: "idle_timeout" }
    : { at: Math.min(...tools.values()) + limits.tool, reason: "tool_timeout" }
}

/** Watches one attempt. */
export interface Watchdog {
  readonly prompted: Effect.Effect<void>
  readonly event: (event: AgentEvent) => Effect.Effect<void>
  /** Waits until a limit has passed. */
  readonly passed: Effect.Effect<WatchdogReason>
}

/** Starts a watchdog for the scope. */
export const makeWatchdog = Effect.fnUntraced(function*(
  limits: WatchdogLimits
): Effect.fn.Return<Watchdog, never, SleepWatch | Scope.Scope> {
  const sleep = yield* SleepWatch
  const state = yield* Ref.make(started(yield* Clock.currentTimeMillis))
  const passed = yield* Deferred.make<WatchdogReason>()
  const change = (step: (watched: Watched, now: number) => Watched) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => Ref.update(state, (watched) => step(watched, now)))
  yield* sleep.first(change(afterSleep))
  const watch = Effect.gen(function*() {
    for (;;) {
      const { at, reason } = nextLimit(yield* Ref.get(state), limits)
      const left = at - (yield* Clock.currentTimeMillis)
      if (left <= 0) return yield* Deferred.succeed(passed, reason)
      yield* Effect.sleep(Duration.millis(left))
    }
  })
  yield* Effect.forkScoped(watch)
  return {
    prompted: change((_, now) => prompted(now)),
    event: (event) => change((watched, now) => afterEvent(watched, event, now)),
    passed: Deferred.await(passed)
  }
})
