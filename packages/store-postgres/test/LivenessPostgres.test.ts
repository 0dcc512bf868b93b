import { livenessSuite } from "@muster/store-suite"
import { postgresBackend } from "./PostgresBackend.ts"

livenessSuite(postgresBackend())
