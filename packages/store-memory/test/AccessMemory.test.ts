import { accessSuite } from "@muster/store-suite"
import { durableMemory } from "./DurableMemory.ts"

accessSuite(durableMemory)
