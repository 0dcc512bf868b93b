import { describe } from "@effect/vitest"
import { admission } from "./Admission.ts"
import { claims } from "./Claims.ts"
import { life } from "./Life.ts"
import { limits } from "./Limits.ts"
import { outage } from "./Outage.ts"
import { probe } from "./Probe.ts"
import { redelivery } from "./Redelivery.ts"
import type { RequestStoreBackend } from "./RequestStoreBackend.ts"
import { retention } from "./Retention.ts"
import { settling } from "./Settling.ts"

/**
 * Registers R-01 … R-19 for a backend: what every RequestStore does, over sample kinds of each admission and over every
 * kind of this build. R-20 is `requestModelSuite`.
 */
export const requestStoreSuite = (backend: RequestStoreBackend): void => {
  describe(`request store · ${backend.name}`, () => {
    life(backend)
    claims(backend)
    limits(backend)
    settling(backend)
    probe(backend)
    retention(backend)
    admission(backend)
    redelivery(backend)
    outage(backend)
  })
}
