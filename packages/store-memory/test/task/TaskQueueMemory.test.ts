import { taskModelSuite, taskQueueSuite } from "@muster/store-suite"
import { memoryTasks } from "./MemoryTasks.ts"

taskQueueSuite(memoryTasks)
taskModelSuite(memoryTasks)
