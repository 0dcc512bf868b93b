import { livenessSuite } from "@muster/store-suite"
import { durableMemory } from "./DurableMemory.ts"

livenessSuite(durableMemory)
