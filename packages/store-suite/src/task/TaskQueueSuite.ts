import { describe } from "@effect/vitest"
import { claiming } from "./Claiming.ts"
import { enqueueing } from "./Enqueueing.ts"
import { keys } from "./Keys.ts"
import { mergingRuntimes } from "./Merging.ts"
import { races } from "./Races.ts"
import { reading } from "./Reading.ts"
import { redelivering } from "./Redelivering.ts"
import { reporting } from "./Reporting.ts"
import { silence } from "./Silence.ts"
import { steps } from "./Steps.ts"
import type { TaskBackend } from "./TaskBackend.ts"
import { taskOutage } from "./TaskOutage.ts"

/**
 * Registers T-01 … T-09 and T-12 for a backend: what every TaskQueue does. T-10 is `taskModelSuite`, T-11
 * `taskHistorySuite`; the logs are in `taskLogSuite`.
 */
export const taskQueueSuite = (backend: TaskBackend): void => {
  describe(`task queue · ${backend.name}`, () => {
    claiming(backend)
    redelivering(backend)
    steps(backend)
    silence(backend)
    enqueueing(backend)
    keys(backend)
    mergingRuntimes(backend)
    races(backend)
    reading(backend)
    reporting(backend)
    taskOutage(backend)
  })
}
