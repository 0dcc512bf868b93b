import { machinesSuite } from "@muster/store-suite"
import { durableMemory } from "./DurableMemory.ts"

machinesSuite(durableMemory)
