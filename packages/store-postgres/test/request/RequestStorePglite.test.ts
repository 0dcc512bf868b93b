import { requestStoreSuite } from "@muster/store-suite"
import { pgliteRequests } from "./Backends.ts"

requestStoreSuite(pgliteRequests())
