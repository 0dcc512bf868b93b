import { repositoriesSuite } from "@muster/store-suite"
import { pgliteBackend } from "./PgliteBackend.ts"

repositoriesSuite(pgliteBackend())
