import { accessSuite } from "@muster/store-suite"
import { pgliteBackend } from "./PgliteBackend.ts"

accessSuite(pgliteBackend())
