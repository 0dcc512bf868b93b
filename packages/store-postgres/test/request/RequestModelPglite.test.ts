import { requestModelSuite } from "@muster/store-suite"
import { pgliteRequests } from "./Backends.ts"

requestModelSuite(pgliteRequests())
