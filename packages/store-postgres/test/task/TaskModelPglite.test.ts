import { taskModelSuite } from "@muster/store-suite"
import { pgliteTasks } from "./TaskBackends.ts"

taskModelSuite(pgliteTasks())
