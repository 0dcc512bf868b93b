import { machinesSuite } from "@muster/store-suite"
import { postgresBackend } from "./PostgresBackend.ts"

machinesSuite(postgresBackend())
