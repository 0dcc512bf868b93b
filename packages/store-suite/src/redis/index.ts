export { RedisCluster } from "./RedisCluster.ts"
export { RedisError } from "./RedisError.ts"
export { makeRedisServer, RedisServer, type RedisServerControl } from "./RedisServer.ts"
export { testRedis, testRedisCluster } from "./TestRedis.ts"
