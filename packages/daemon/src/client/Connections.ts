import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Agent, Dispatcher, ProxyAgent } from "@effect/platform-node/Undici"
import { Context, Effect, Layer } from "effect"
import { SleepWatch } from "../clock/SleepWatch.ts"
import { HostEnvironment } from "../process/HostEnvironment.ts"
import { noProxyWarning, proxyFor, throughProxy } from "./Proxy.ts"
import { parseServerUrl } from "./ServerUrl.ts"

/** After this many temporary failures in a row, the daemon closes its idle connections. */
const distrustAfter = 2

/** A dispatcher whose connection pool can be replaced. */
class Renewable extends Dispatcher {
  readonly #make: () => Dispatcher
  readonly #old = new Set<Dispatcher>()
  #now: Dispatcher

  constructor(make: () => Dispatcher) {
    super()
    this.#make = make
    this.#now = make()
  }

  override dispatch(...args: Parameters<Dispatcher["dispatch"]>): boolean {
    return this.#now.dispatch(...args)
  }

  /** Closes idle connections now and busy ones after their call; new calls open new connections. */
  renew(): void {
    const old = this.#now
    this.#now = this.#make()
    this.#old.add(old)
    old.close().catch(() => {}).finally(() => this.#old.delete(old))
  }

  end(): Promise<unknown> {
    return Promise.allSettled([this.#now, ...this.#old].map((dispatcher) => dispatcher.destroy()))
  }
}

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
    NodeHttpClient.layerUndiciNoDispatcher.pipe(Layer.provideMerge(Layer.effectContext(Effect.gen(function*() {
      const watch = yield* SleepWatch
      const { http } = yield* parseServerUrl(options.serverUrl)
      const environment = yield* HostEnvironment
      const proxy = yield* proxyFor(http, environment)
      const warning = noProxyWarning(http, environment)
      if (warning !== undefined) yield* Effect.logWarning(warning)
      const dispatcher = yield* Effect.acquireRelease(
        Effect.sync(() => new Renewable(() => proxy === undefined ? new Agent() : new ProxyAgent(proxy.href))),
        (dispatcher) => Effect.promise(() => dispatcher.end())
      )
      let inRow = 0
      const renew = Effect.sync(() => {
        inRow = 0
        dispatcher.renew()
      })
      yield* watch.first(renew)
      return Context.make(NodeHttpClient.Dispatcher, dispatcher as Dispatcher).pipe(Context.add(Connections, {
        worked: Effect.sync(() => void (inRow = 0)),
        failed: Effect.suspend(() => ++inRow < distrustAfter ? Effect.void : renew),
        through: throughProxy(proxy)
      }))
    }))))
}
