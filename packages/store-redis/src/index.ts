export type { NatMap } from "./connection/RedisClient.ts"
export { RedisConnection, type RedisOptions } from "./connection/RedisConnection.ts"
export { type Address, readRedisUrl, type RedisTarget, RedisUrlInvalid } from "./connection/RedisUrl.ts"
export * from "./request/RequestStoreRedis.ts"
