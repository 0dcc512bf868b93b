export { pgBouncerTo, type PoolMode } from "./PgBouncer.ts"
export { PostgresError } from "./PostgresError.ts"
export { PostgresServer } from "./PostgresServer.ts"
export { freshDatabase, freshDatabaseOn, testServer } from "./TestDatabase.ts"
