import { skillLibrarySuite } from "@muster/store-suite"
import { pgliteBackend } from "./PgliteBackend.ts"

skillLibrarySuite(pgliteBackend())
