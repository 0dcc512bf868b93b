import { taskHistorySuite } from "@muster/store-suite"
import { pgliteTasks } from "./TaskBackends.ts"

taskHistorySuite(pgliteTasks())
