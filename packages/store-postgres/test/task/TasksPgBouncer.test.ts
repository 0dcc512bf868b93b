import { taskLogSuite, taskQueueSuite } from "@muster/store-suite"
import { pooledTasks } from "./TaskBackends.ts"

const backend = pooledTasks()
taskQueueSuite(backend)
taskLogSuite(backend)
