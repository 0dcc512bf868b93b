import { wakeSuite } from "@muster/store-suite"
import { pgliteWake } from "./Backends.ts"

wakeSuite(pgliteWake())
