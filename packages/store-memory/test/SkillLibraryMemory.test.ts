import { skillLibrarySuite } from "@muster/store-suite"
import { durableMemory } from "./DurableMemory.ts"

skillLibrarySuite(durableMemory)
