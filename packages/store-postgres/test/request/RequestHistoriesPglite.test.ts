import { requestHistorySuite } from "@muster/store-suite"
import { pgliteRequests } from "./Backends.ts"

requestHistorySuite(pgliteRequests())
