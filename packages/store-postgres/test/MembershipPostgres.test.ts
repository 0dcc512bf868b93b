import { membershipSuite } from "@muster/store-suite"
import { postgresBackend } from "./PostgresBackend.ts"

membershipSuite(postgresBackend())
