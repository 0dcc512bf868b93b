import { runtimeRegistrySuite } from "@muster/store-suite"
import { pgliteBackend } from "./PgliteBackend.ts"

runtimeRegistrySuite(pgliteBackend())
