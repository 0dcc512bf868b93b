import { onMachineClock } from "@muster/kit"
import { Context, Effect, Layer, Schedule } from "effect"
import { freePort, tell } from "./Loopback.ts"
import { RedisError } from "./RedisError.ts"
import { makeRedisServer, type RedisServerControl } from "./RedisServer.ts"

const slots = 16_384
const size = 3

const node = Effect.gen(function*() {
  const bus = yield* freePort // the default, 10,000 above the port, may exceed the maximum port
  const server = yield* makeRedisServer([
    "cluster-enabled yes",
    "cluster-config-file nodes.conf",
    `cluster-port ${bus}`,
    // A test that kills one node checks the slots of the others.
    "cluster-require-full-coverage no"
  ])
  return { ...server, bus }
})

const notYet = new RedisError({ message: "The nodes of the cluster did not find together" })

/** Every node knows all of them, and takes writes. */
const isWhole = ({ port }: RedisServerControl) =>
  Effect.filterOrFail(
    tell(port, "CLUSTER", "INFO"),
    (info) => info.includes("cluster_state:ok") && info.includes(`cluster_size:${size}`),
    () => notYet
  )

/** What a test may do to a cluster. */
export interface RedisClusterControl {
  /** `redis+cluster://` with every node. */
  readonly url: string
  readonly nodes: ReadonlyArray<RedisServerControl>
  /** Waits until every node takes writes, such as after they were started again. */
  readonly whole: Effect.Effect<void, RedisError>
}

/** Three nodes without replicas, each with a third of the slots. */
export class RedisCluster extends Context.Service<RedisCluster, RedisClusterControl>()(
  "@muster/store-suite/redis/RedisCluster"
) {
  static readonly layer: Layer.Layer<RedisCluster, RedisError> = Layer.effect(
    RedisCluster,
    Effect.gen(function*() {
      const nodes = yield* Effect.all(Array.from({ length: size }, () => node), { concurrency: size })
      const [first] = nodes
      if (first === undefined) return yield* notYet
      for (const [i, { bus, port }] of nodes.entries()) {
        const [from, to] = [Math.ceil(i * slots / size), Math.ceil((i + 1) * slots / size) - 1]
        yield* tell(port, "CLUSTER", "ADDSLOTSRANGE", from, to)
        // Nodes of equal epochs would each claim the slots.
        yield* tell(port, "CLUSTER", "SET-CONFIG-EPOCH", i + 1)
        if (i > 0) yield* tell(first.port, "CLUSTER", "MEET", "127.0.0.1", port, bus)
      }
      const whole = Effect.forEach(nodes, isWhole, { discard: true }).pipe(
        Effect.retry({ times: 600, schedule: Schedule.spaced("50 millis") }),
        onMachineClock
      )
      yield* whole
      const url = `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(",")}`
      return RedisCluster.of({ url, nodes, whole })
    })
  )
}
