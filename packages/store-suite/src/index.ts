export { freshDatabase, freshDatabaseOn, PostgresError, PostgresServer, testServer } from "./postgres/index.ts"
