export * from "./access/AccessSuite.ts"
export { claudeVariables, codexConfig, codexVariables, opencodeVariables } from "./agent/scriptedClis.ts"
export * from "./agent/ScriptedModel.ts"
export * from "./audit/AuditLogSuite.ts"
export * from "./beat/RuntimeHistorySuite.ts"
export { chromiumProgram } from "./browser/Chromium.ts"
export * from "./catalogue/ModelCatalogueSuite.ts"
export * from "./fault/Line.ts"
export * from "./fault/Watch.ts"
export * from "./fleet/CensusSuite.ts"
export { historyCountOr } from "./history/HistoryFiles.ts"
export * from "./history/HistorySuite.ts"
export { unheard } from "./history/Linearizable.ts"
export { type Disturbance } from "./history/RequestHistory.ts"
export { type RequestHistory } from "./history/RequestOperation.ts"
export * from "./history/TaskHistorySuite.ts"
export * from "./journal/NotesBackend.ts"
export * from "./journal/RequestJournalSuite.ts"
export * from "./limit/LimitStoreSuite.ts"
export * from "./machine/MachinesSuite.ts"
export * from "./membership/MembershipSuite.ts"
export { type AccountClaims, type OpenIdProvider, openIdProvider } from "./oidc/OpenIdProvider.ts"
export {
  freshDatabase,
  freshDatabaseOn,
  makePostgresPair,
  onConnection,
  pgBouncerTo,
  type PoolMode,
  PostgresError,
  type PostgresPair,
  PostgresServer,
  testServer
} from "./postgres/index.ts"
export { makeCertificates } from "./proxy/Certificates.ts"
export { type Nginx, nginxBefore, type NginxLine } from "./proxy/Nginx.ts"
export {
  makeRedisPair,
  makeRedisServer,
  RedisCluster,
  RedisError,
  type RedisPair,
  RedisServer,
  type RedisServerControl,
  testRedis,
  testRedisCluster
} from "./redis/index.ts"
export * from "./repository/RepositoriesSuite.ts"
export * from "./request/ModelSuite.ts"
export {
  type RequestNode,
  requestNode,
  type RequestStoreBackend,
  type RequestStoreNodes
} from "./request/RequestStoreBackend.ts"
export * from "./request/RequestStoreSuite.ts"
export * from "./runtime/LivenessSuite.ts"
export * from "./runtime/RuntimeRegistrySuite.ts"
export * from "./runtime/StoreBackend.ts"
export { freePort } from "./server/FreePort.ts"
export { shared } from "./server/Shared.ts"
export * from "./skill/SkillLibrarySuite.ts"
export { completed, freshDaemon, freshRuntime, freshWorkspace, newTask } from "./task/Fixture.ts"
export { type TaskBackend, taskNode } from "./task/TaskBackend.ts"
export * from "./task/TaskLogSuite.ts"
export * from "./task/TaskModelSuite.ts"
export * from "./task/TaskQueueSuite.ts"
export * from "./wake/WakeBackend.ts"
export * from "./wake/WakeSuite.ts"
