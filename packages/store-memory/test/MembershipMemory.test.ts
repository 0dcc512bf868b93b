import { membershipSuite } from "@muster/store-suite"
import { durableMemory } from "./DurableMemory.ts"

membershipSuite(durableMemory)
