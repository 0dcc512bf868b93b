import { taskLogSuite, taskQueueSuite } from "@muster/store-suite"
import { pgliteTasks } from "./TaskBackends.ts"

const backend = pgliteTasks()
taskQueueSuite(backend)
taskLogSuite(backend)
