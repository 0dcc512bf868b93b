import { TaskLog, TaskQueue } from "@muster/domain"
import { TaskLogMemory, TaskQueueMemory, TaskState } from "@muster/store-memory"
import { newWatch, outageOf, type TaskBackend, taskNode, watched } from "@muster/store-suite"
import { Effect, Layer } from "effect"

/** Tasks in memory: two nodes on one state. */
export const memoryTasks: TaskBackend = {
  name: "memory",
  nodes: Effect.gen(function*() {
    const state = new TaskState()
    const watch = newWatch()
    const node = taskNode(
      Layer.merge(watched(TaskQueue.TaskQueue, watch), watched(TaskLog.TaskLog, watch)).pipe(
        Layer.provide(Layer.merge(TaskQueueMemory.layerOn(state), TaskLogMemory.layerOn(state)))
      )
    )
    return { a: yield* node, b: yield* node, outage: outageOf(watch) }
  })
}
