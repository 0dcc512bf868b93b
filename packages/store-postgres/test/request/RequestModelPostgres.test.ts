import { requestModelSuite } from "@muster/store-suite"
import { postgresRequests } from "./Backends.ts"

requestModelSuite(postgresRequests())
