import { TaskLog, TaskQueue } from "@muster/domain"
import { Context, Effect, Layer, type Scope } from "effect"

/** The tasks as one replica has them. */
export interface TaskNode {
  readonly queue: TaskQueue.TaskQueue["Service"]
  readonly log: TaskLog.TaskLog["Service"]
}

/** Two nodes of one backend, and the test's direct access to the backend. */
export interface TaskNodes {
  readonly a: TaskNode
  readonly b: TaskNode
  /** From now on the backend is dead to both nodes: connections refused or cut, the process gone. */
  readonly outage: Effect.Effect<void>
}

/**
 * What a backend's test file supplies. The suites run under `TestClock`, so the layers must take every time from `Clock`
 * and none from the backend. Tasks refer to workspaces, runtimes and persons that the backend does not have.
 */
export interface TaskBackend {
  readonly name: string
  /** Two nodes on an empty backend, made for each test and released with its scope. */
  readonly nodes: Effect.Effect<TaskNodes, unknown, Scope.Scope>
}

/** One node: the layer, built separately in the current scope. */
export const taskNode = <E, R>(
  layer: Layer.Layer<TaskQueue.TaskQueue | TaskLog.TaskLog, E, R>
): Effect.Effect<TaskNode, E, R | Scope.Scope> =>
  Effect.map(Layer.build(Layer.fresh(layer)), (context) => ({
    queue: Context.get(context, TaskQueue.TaskQueue),
    log: Context.get(context, TaskLog.TaskLog)
  }))
