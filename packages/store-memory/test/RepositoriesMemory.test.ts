import { repositoriesSuite } from "@muster/store-suite"
import { durableMemory } from "./DurableMemory.ts"

repositoriesSuite(durableMemory)
