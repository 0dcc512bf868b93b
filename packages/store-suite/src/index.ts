export { freshDatabase, freshDatabaseOn, PostgresError, PostgresServer, testServer } from "./postgres/index.ts"
export * from "./request/ModelSuite.ts"
export {
  type RequestNode,
  requestNode,
  type RequestStoreBackend,
  type RequestStoreNodes
} from "./request/RequestStoreBackend.ts"
export * from "./request/RequestStoreSuite.ts"
export * from "./wake/WakeBackend.ts"
export * from "./wake/WakeSuite.ts"
