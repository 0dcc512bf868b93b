import { taskLogSuite, taskQueueSuite } from "@muster/store-suite"
import { postgresTasks } from "./TaskBackends.ts"

const backend = postgresTasks()
taskQueueSuite(backend)
taskLogSuite(backend)
