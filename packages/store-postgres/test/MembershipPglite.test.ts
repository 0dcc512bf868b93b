import { membershipSuite } from "@muster/store-suite"
import { pgliteBackend } from "./PgliteBackend.ts"

membershipSuite(pgliteBackend())
