import { Context, type Effect, type Queue, type Scope } from "effect"
import type { WorkspaceId } from "../access/Identity.ts"
import type { RequestId } from "../request/RequestId.ts"
import type { RuntimeId } from "../runtime/Runtime.ts"

/** What a hint is about, as one word on any transport: a runtime may have work, a request may be settled, … */
export type Topic = `runtime:${string}` | `request:${string}` | `workspace:${string}`

export const topic = {
  runtime: (id: RuntimeId): Topic => `runtime:${id}`,
  request: (id: RequestId): Topic => `request:${id}`,
  workspace: (id: WorkspaceId): Topic => `workspace:${id}`
}

/**
 * Hints that something may have changed. A hint carries no truth and may be lost, doubled or late: with every one lost,
 * everything still happens within one beat. So neither operation fails.
 */
export class Wake extends Context.Service<Wake, {
  readonly publish: (topic: Topic) => Effect.Effect<void>
  /**
   * Hints about these topics from now on, until the scope ends. The queue is sliding and holds at most 1,024: under a
   * flood the oldest hints are lost, never memory.
   */
  readonly subscribe: (topics: ReadonlyArray<Topic>) => Effect.Effect<Queue.Dequeue<Topic>, never, Scope.Scope>
}>()("@muster/domain/wake/Wake") {}

export const capacity = 1_024
