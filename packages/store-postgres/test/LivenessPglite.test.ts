import { livenessSuite } from "@muster/store-suite"
import { pgliteBackend } from "./PgliteBackend.ts"

livenessSuite(pgliteBackend())
