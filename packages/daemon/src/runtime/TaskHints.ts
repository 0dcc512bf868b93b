import { Context, Effect, Latch, Layer } from "effect"

/** Hints that there may be a task to claim, or an order about one. They carry no truth and may be lost. */
export interface TaskHintsValue {
  readonly hint: Effect.Effect<void>
  /** Waits for a hint since the last call. For one reader. */
  readonly next: Effect.Effect<void>
}

/** Without the layer nobody reads them. */
export const TaskHints = Context.Reference<TaskHintsValue>("@muster/daemon/runtime/TaskHints", {
  defaultValue: () => ({ hint: Effect.void, next: Effect.never })
})

export const layerTaskHints = Layer.sync(TaskHints, () => {
  const latch = Latch.makeUnsafe()
  return { hint: Effect.asVoid(latch.open), next: Effect.andThen(latch.await, Effect.asVoid(latch.close)) }
})
