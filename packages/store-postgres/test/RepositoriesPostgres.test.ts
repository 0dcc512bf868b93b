import { repositoriesSuite } from "@muster/store-suite"
import { postgresBackend } from "./PostgresBackend.ts"

repositoriesSuite(postgresBackend())
