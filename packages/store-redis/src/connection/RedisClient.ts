import { Cluster, Redis, type RedisOptions as IoOptions } from "ioredis"
import type { Address, RedisTarget } from "./RedisUrl.ts"

/** ioredis, in any of the three modes. */
export type RedisClient = Redis | Cluster

/** Each server that takes writes, as a client for itself. */
export const mastersOf = (client: RedisClient): ReadonlyArray<Redis> =>
  client instanceof Cluster ? client.nodes("master") : [client]

/** The real address of a cluster's node, by the address that the cluster reports, as `host:port`. */
export type NatMap = Readonly<Record<string, Address>>

type Options = Omit<IoOptions, "replyMapping">

const reconnectDelay = (attempt: number) => Math.min(25 * 2 ** attempt, 1_000)

/**
 * Nothing is queued without a connection, and nothing is sent twice: whether a command whose connection broke was done
 * is unknown, and its caller gets that error. A server that owes an answer for `deadline` ms is dropped.
 */
const options = ({ database, password, tls, username }: RedisTarget, deadline: number): Options => ({
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  connectTimeout: deadline,
  socketTimeout: deadline,
  commandTimeout: deadline,
  retryStrategy: reconnectDelay,
  db: database,
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password }),
  ...(tls ? { tls: {} } : {})
})

/** A connection to one server: the existing one, or the master that the Sentinels name. Not yet connected. */
const openServer = (target: RedisTarget, deadline: number, autoPipeline: boolean): Redis => {
  const [{ host, port }] = target.nodes
  const where: Options = target.mode === "sentinel"
    ? {
      sentinels: [...target.nodes],
      name: target.master,
      sentinelCommandTimeout: deadline,
      enableTLSForSentinelMode: target.tls,
      failoverDetector: true,
      ...(target.tls ? { sentinelTLS: {} } : {})
    }
    : { host, port }
  return new Redis({
    ...options(target, deadline),
    ...where,
    enableAutoPipelining: autoPipeline,
    // Beats are pipelined; requests are sent immediately. In lockstep, Redis would idle while we read its answers.
    autoPipeliningIgnoredCommands: ["evalsha", "eval", "hmget"]
  })
}

/** A connection to any one node of the cluster; to another one when that is lost. */
const openNode = (target: RedisTarget, deadline: number, natMap: NatMap): Redis => {
  const nodes = target.nodes.map((node) => natMap[`${node.host}:${node.port}`] ?? node)
  let attempt = 0
  const client = new Redis({ ...options(target, deadline), ...nodes[0] })
  client.on("reconnecting", () => Object.assign(client.options, nodes[++attempt % nodes.length]))
  return client
}

/** For commands about keys. Those made within one turn of the event loop are pipelined. */
export const openCommands = (target: RedisTarget, deadline: number, natMap: NatMap): RedisClient => {
  if (target.mode !== "cluster") return openServer(target, deadline, true)
  return new Cluster([...target.nodes], {
    lazyConnect: true,
    // A node is connected on first use, and commands wait for that; the guard admits none before.
    enableOfflineQueue: true,
    redisOptions: options(target, deadline),
    natMap: { ...natMap },
    clusterRetryStrategy: reconnectDelay,
    slotsRefreshTimeout: deadline,
    slotsRefreshInterval: 10_000,
    maxRedirections: 5,
    // As above: a command whose connection broke is not sent again. A redirected one is: it was not executed.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0
    // No pipelines: one redirection among their replies would fail the rest. Commands still do not wait for each other.
  })
}

/** For wakes: those of one connection arrive in order. */
export const openBus = (target: RedisTarget, deadline: number, natMap: NatMap): Redis =>
  target.mode === "cluster" ? openNode(target, deadline, natMap) : openServer(target, deadline, false)
