import { machinesSuite } from "@muster/store-suite"
import { pgliteBackend } from "./PgliteBackend.ts"

machinesSuite(pgliteBackend())
