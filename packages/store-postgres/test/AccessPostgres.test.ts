import { accessSuite } from "@muster/store-suite"
import { postgresBackend } from "./PostgresBackend.ts"

accessSuite(postgresBackend())
