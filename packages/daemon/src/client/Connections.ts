import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Context, Effect, Layer } from "effect"
import { SleepWatch } from "../clock/SleepWatch.ts"
import { HostEnvironment } from "../process/HostEnvironment.ts"
import { endAgents, makeAgents, retire } from "./Agents.ts"
import { noProxyWarning, proxyFor, throughProxy } from "./Proxy.ts"
import { parseServerUrl } from "./ServerUrl.ts"

/** After this many temporary failures in a row, the daemon closes its idle connections. */
const distrustAfter = 2

/**
 * The HTTP connections to the server, directly or through the environment's proxy. Closes idle ones after two failures in a
 * row, and after sleep: a connection whose peer is gone without a notice would make each call wait.
 */
export class Connections extends Context.Service<Connections, {
  /** The server answered. */
  readonly worked: Effect.Effect<void>
  /** It did not answer, or with a temporary failure (5xx). */
  readonly failed: Effect.Effect<void>
  /** ` through the proxy …` if calls use a proxy, else empty. */
  readonly through: string
}>()("@muster/daemon/client/Connections") {
  /** Fails with `BadServerUrl` if the server's or the proxy's address cannot be used. */
  static readonly layer = (options: { readonly serverUrl: string }) =>
    NodeHttpClient.layerNodeHttpNoAgent.pipe(Layer.provideMerge(Layer.effectContext(Effect.gen(function*() {
      const watch = yield* SleepWatch
      const { http } = yield* parseServerUrl(options.serverUrl)
      const environment = yield* HostEnvironment
      const proxy = yield* proxyFor(http, environment)
      const warning = noProxyWarning(http, environment)
      if (warning !== undefined) yield* Effect.logWarning(warning)
      let now = makeAgents(proxy)
      yield* Effect.addFinalizer(() => Effect.sync(() => endAgents(now)))
      const agents = {
        get http() {
          return now.http
        },
        get https() {
          return now.https
        }
      }
      let inRow = 0
      const renew = Effect.sync(() => {
        inRow = 0
        retire(now)
        now = makeAgents(proxy)
      })
      yield* watch.first(renew)
      return Context.make(NodeHttpClient.HttpAgent, agents).pipe(Context.add(Connections, {
        worked: Effect.sync(() => void (inRow = 0)),
        failed: Effect.suspend(() => ++inRow < distrustAfter ? Effect.void : renew),
        through: throughProxy(proxy)
      }))
    }))))
}
