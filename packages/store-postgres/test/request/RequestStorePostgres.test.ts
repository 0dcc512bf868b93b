import { requestStoreSuite } from "@muster/store-suite"
import { postgresRequests } from "./Backends.ts"

requestStoreSuite(postgresRequests())
