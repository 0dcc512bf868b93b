import { Context, Effect, Queue, type Scope } from "effect"
import type { WorkspaceId } from "../access/Identity.ts"
import type { RequestId } from "../request/RequestId.ts"
import type { RuntimeId } from "../runtime/Runtime.ts"
import type { TaskId } from "../task/TaskRecord.ts"

/** The topic of a wake, as one word on any transport: a runtime may have work, a request may be settled, … */
export type Topic =
  | `runtime:${string}`
  | `tasks:${string}`
  | `request:${string}`
  | `workspace:${string}`
  | `task:${string}`

export const topic = {
  runtime: (id: RuntimeId): Topic => `runtime:${id}`,
  /**
   * The runtime may have a task to claim, or an order for one that it holds: a task was queued or canceled, or one ended
   * and freed its slot or its key.
   */
  tasks: (id: RuntimeId): Topic => `tasks:${id}`,
  request: (id: RequestId): Topic => `request:${id}`,
  workspace: (id: WorkspaceId): Topic => `workspace:${id}`,
  task: (id: TaskId): Topic => `task:${id}`
}

/**
 * Wakes: something may have changed. A wake carries no truth and may be lost, duplicated or late. If every one is lost,
 * everything still happens within one beat. So no operation fails.
 */
export class Wake extends Context.Service<Wake, {
  readonly publish: (topic: Topic) => Effect.Effect<void>
  /**
   * Calls `onWake` with each wake of these topics from now on; it must return immediately and not throw. Returns what ends this. Must not
   * be interrupted. A listener needs neither a queue nor a fiber, so there may be many idle ones.
   */
  readonly listen: (
    topics: ReadonlyArray<Topic>,
    onWake: (topic: Topic) => void
  ) => Effect.Effect<Effect.Effect<void>>
  /**
   * Wakes of these topics from now on, until the scope ends. The queue is sliding and holds at most 1,024: in a flood
   * the oldest wakes are dropped, and memory is bounded.
   */
  readonly subscribe: (topics: ReadonlyArray<Topic>) => Effect.Effect<Queue.Dequeue<Topic>, never, Scope.Scope>
}>()("@muster/domain/wake/Wake") {}

export const capacity = 1_024

/** Returns the service of a backend, whose subscriptions listen and queue the wakes. */
export const make = ({ listen, publish }: Pick<Wake["Service"], "listen" | "publish">): Wake["Service"] =>
  Wake.of({
    publish,
    listen,
    subscribe: (topics) =>
      Effect.acquireRelease(
        Effect.flatMap(Queue.sliding<Topic>(capacity), (queue) =>
          Effect.map(
            listen(topics, (topic) => Queue.offerUnsafe(queue, topic)),
            (leave) => ({ leave, queue })
          )),
        ({ leave, queue }) => Effect.andThen(leave, Queue.shutdown(queue))
      ).pipe(Effect.map(({ queue }) => queue))
  })
