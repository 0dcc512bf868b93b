import { skillLibrarySuite } from "@muster/store-suite"
import { postgresBackend } from "./PostgresBackend.ts"

skillLibrarySuite(postgresBackend())
