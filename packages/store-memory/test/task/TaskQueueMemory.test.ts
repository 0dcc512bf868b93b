import { taskHistorySuite, taskLogSuite, taskModelSuite, taskQueueSuite } from "@muster/store-suite"
import { memoryTasks } from "./MemoryTasks.ts"

taskQueueSuite(memoryTasks)
taskLogSuite(memoryTasks)
taskModelSuite(memoryTasks)
// Every operation is one synchronous step, so no two ever overlap.
taskHistorySuite(memoryTasks, { concurrent: false })
