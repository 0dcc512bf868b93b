import { wakeSuite } from "@muster/store-suite"
import { postgresWake } from "./Backends.ts"

wakeSuite(postgresWake())
