import { taskHistorySuite } from "@muster/store-suite"
import { postgresTasks } from "./TaskBackends.ts"

taskHistorySuite(postgresTasks())
