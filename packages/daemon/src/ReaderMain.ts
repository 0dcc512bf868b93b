import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { serve } from "./reader/serve.ts"
import { skillJobs } from "./skill/skillJobs.ts"

/** The process that reads files for the daemon. `reader/Readers.ts` starts it. */
NodeRuntime.runMain(serve(skillJobs))
