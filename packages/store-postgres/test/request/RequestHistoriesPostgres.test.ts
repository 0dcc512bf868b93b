import { requestHistorySuite } from "@muster/store-suite"
import { postgresRequests } from "./Backends.ts"

requestHistorySuite(postgresRequests())
