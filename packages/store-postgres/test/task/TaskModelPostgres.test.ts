import { taskModelSuite } from "@muster/store-suite"
import { postgresTasks } from "./TaskBackends.ts"

taskModelSuite(postgresTasks())
