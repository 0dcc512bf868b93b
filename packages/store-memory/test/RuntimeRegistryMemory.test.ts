import { runtimeRegistrySuite } from "@muster/store-suite"
import { durableMemory } from "./DurableMemory.ts"

runtimeRegistrySuite(durableMemory)
