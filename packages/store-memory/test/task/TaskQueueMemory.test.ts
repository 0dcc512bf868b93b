import { taskLogSuite, taskModelSuite, taskQueueSuite } from "@muster/store-suite"
import { memoryTasks } from "./MemoryTasks.ts"

taskQueueSuite(memoryTasks)
taskLogSuite(memoryTasks)
taskModelSuite(memoryTasks)
