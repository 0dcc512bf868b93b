import { assert } from "@effect/vitest"
import { freePort, freshDatabase, nginxBefore, testRedis } from "@muster/store-suite"
import { Effect, Exit, Redacted, Ref, Schema, Scope } from "effect"
import { readFileSync } from "node:fs"
import { getCACertificates, setDefaultCACertificates } from "node:tls"
import { calls, startReplica } from "./Replica.ts"
import { makeHome } from "./runMuster.ts"

const Workspaces = Schema.Array(Schema.Struct({ id: Schema.String }))

const somePort = Effect.orDie(freePort((message) => message))

/** nginx with TLS, two replicas, PostgreSQL and Redis, each in processes of its own. This process trusts nginx's certificate. */
export const startTopology = Effect.gen(function*() {
  const home = yield* makeHome
  const ports = [yield* somePort, yield* somePort] as const
  const nginx = yield* nginxBefore(ports)
  setDefaultCACertificates([
    ...getCACertificates("default"),
    readFileSync(nginx.certificates.authority, "utf8")
  ])
  const env = {
    HOME: home,
    DATABASE_URL: Redacted.value(yield* freshDatabase),
    REDIS_URL: yield* testRedis,
    MUSTER_TRUSTED_PROXIES: "127.0.0.1",
    MUSTER_OWNER_SECRET: "a text that only the replicas know",
    MUSTER_DRAIN_SECONDS: "10"
  }
  const owner = yield* Effect.scope
  const start = Effect.fnUntraced(function*(place: 0 | 1) {
    const scope = yield* Scope.fork(owner)
    const replica = yield* Scope.provide(startReplica(env, `replica-${place}`, ports[place]), scope)
    return { ...replica, end: Scope.close(scope, Exit.void) }
  })
  // Both start on an empty database, as in a cluster.
  const [first, second] = yield* Effect.all([start(0), start(1)], { concurrency: 2 })
  assert.strictEqual(second.token, first.token)
  const replicas = [yield* Ref.make(first), yield* Ref.make(second)] as const
  const { token } = first
  const [workspace] = yield* calls(token)(Workspaces, "GET", `${nginx.url}/api/workspaces`)

  /** Stops a replica as a supervisor does, and starts it again. Returns its exit code. */
  const restart = Effect.fnUntraced(function*(place: 0 | 1) {
    const { end, outcome, process } = yield* Ref.get(replicas[place])
    process.kill("SIGTERM")
    const { code } = yield* outcome
    yield* end
    yield* Ref.set(replicas[place], yield* start(place))
    return code
  })
  return { home, nginx, url: nginx.url, ports, token, workspace: workspace!.id, restart }
})

export type Topology = Effect.Success<typeof startTopology>
