import { describe } from "@effect/vitest"
import { beating } from "./Beating.ts"
import { cliHealth } from "./CliHealth.ts"
import { editing } from "./Editing.ts"
import { legacyIds } from "./LegacyIds.ts"
import { registryOutage } from "./Outage.ts"
import { ownership } from "./Ownership.ts"
import { registering } from "./Registering.ts"
import { registeringTogether } from "./RegisteringTogether.ts"
import { removing } from "./Removing.ts"
import { silence } from "./Silence.ts"
import type { StoreBackend } from "./StoreBackend.ts"

/** What every RuntimeRegistry does, on two nodes of one backend. */
export const runtimeRegistrySuite = (backend: StoreBackend): void => {
  describe(`runtime registry · ${backend.name}`, () => {
    registering(backend)
    beating(backend)
    registeringTogether(backend)
    legacyIds(backend)
    ownership(backend)
    cliHealth(backend)
    editing(backend)
    removing(backend)
    silence(backend)
    registryOutage(backend)
  })
}
