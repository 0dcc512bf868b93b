import { runtimeRegistrySuite } from "@muster/store-suite"
import { postgresBackend } from "./PostgresBackend.ts"

runtimeRegistrySuite(postgresBackend())
