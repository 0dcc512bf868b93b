import type { AccessState } from "@muster/store-memory"
import { Context, Effect, type Effect as E, Exit, Layer, Logger, References, Scope } from "effect"
import { HttpMiddleware, HttpRouter, HttpServer } from "effect/http"
import { TestClock } from "effect/testing"
import type { ServerOptions } from "node:http"
import { Heartbeat } from "../../src/beat/Heartbeat.ts"
import { Readiness } from "../../src/health/Readiness.ts"
import { LoopbackOnly } from "../../src/http/HostCheck.ts"
import { OidcSettings } from "../../src/oidc/OidcSettings.ts"
import { EventLoop } from "../../src/pacing/EventLoop.ts"
import { layerServing } from "../../src/Server.ts"
import { Draining } from "../../src/socket/Draining.ts"
import { callerOf } from "./Http.ts"
import { makeStores, type Wraps } from "./Stores.ts"
import { settle } from "./World.ts"

/** A line that the server wrote to its log. */
export interface Line {
  readonly level: string
  readonly message: string
  readonly annotations: Readonly<Record<string, unknown>>
}

/** Records method and path of each registered route, whether or not the API declares it. */
const layerNoted = (routes: Array<string>) =>
  Layer.effect(
    HttpRouter.HttpRouter,
    Effect.map(HttpRouter.HttpRouter, (router) =>
      HttpRouter.HttpRouter.of({
        ...router,
        addAll: (added) => {
          routes.push(...added.map(({ method, path }) => `${method} ${path}`))
          return router.addAll(added)
        }
      }))
  )

/** A log, and the tests that wait for its next line. */
class Recorded {
  readonly lines: Array<Line> = []
  readonly waiting = new Set<() => void>()

  readonly logger = Logger.make(({ fiber, logLevel, message }) => {
    this.lines.push({
      level: logLevel,
      message: String(Array.isArray(message) ? message[0] : message),
      annotations: fiber.getRef(References.CurrentLogAnnotations)
    })
    for (const look of this.waiting) look()
  })

  /** Waits until this number of lines about requests to this path are written, and returns all of them. */
  requests(path: string, count: number): E.Effect<ReadonlyArray<Line>> {
    return Effect.callback((resume) => {
      const look = () => {
        const found = this.lines.filter(({ annotations, message }) =>
          message === "request" && annotations["path"] === path
        )
        if (found.length >= count) resume(Effect.succeed(found))
      }
      this.waiting.add(look)
      look()
      return Effect.sync(() => this.waiting.delete(look))
    })
  }
}

export interface Options {
  readonly wraps?: Wraps
  readonly checks?: Readiness["checks"]
  readonly risks?: Readonly<Record<string, string>>
  /** As for a server that listens on loopback: only its own names are accepted. */
  readonly loopbackOnly?: boolean
  /** The event loop's delay, in ms. */
  readonly delay?: () => number
  /** Of Node's HTTP server, in real time. */
  readonly http?: ServerOptions
  /** The tables of access of another server, which this one shares. */
  readonly accessState?: AccessState
  /** Its provider for sign-in. */
  readonly oidc?: OidcSettings | undefined
}

/**
 * A whole server on a free port of this machine, its stores in memory, its clock the test's. It ends with the test's
 * scope, or by `stop`.
 */
export const startMuster = Effect.fnUntraced(
  function*(
    {
      accessState,
      checks = { db: Effect.void },
      delay = () => 0,
      http = {},
      loopbackOnly = false,
      oidc,
      risks = {},
      wraps = {}
    }: Options = {}
  ) {
    // The server's own timers sleep through most tests; the clock need not warn about that.
    yield* TestClock.adjust(0)
    const scope = yield* Scope.make()
    yield* Effect.addFinalizer((exit) => Scope.close(scope, exit))
    const log = new Recorded()
    const routes: Array<string> = []
    const { layer, state, stores } = yield* Scope.provide(makeStores(wraps, accessState), scope)
    const served = yield* layerServing({ host: "127.0.0.1", port: 0, http, routes: layerNoted(routes) }).pipe(
      Layer.provide([
        layer,
        Layer.succeed(HttpMiddleware.TracerDisabledWhen, () => true),
        Layer.succeed(Readiness, { environment: "embedded", checks, risks: Effect.succeed(risks) }),
        Layer.succeed(EventLoop, { delay }),
        Layer.succeed(LoopbackOnly, loopbackOnly),
        Layer.succeed(OidcSettings, oidc)
      ]),
      Layer.buildWithScope(scope),
      Effect.provide(Logger.layer([log.logger]))
    )
    const { address } = Context.get(served, HttpServer.HttpServer)
    const url = HttpServer.formatAddress(address)
    return {
      ...stores,
      url,
      /** The tables of access in memory. */
      accessState: state,
      draining: Context.get(served, Draining),
      heartbeat: Context.get(served, Heartbeat),
      /** Runs it with its log among the server's lines. */
      logged: <A, E>(effect: E.Effect<A, E>) => Effect.provide(effect, Logger.layer([log.logger])),
      lines: log.lines,
      /** Every route, as `METHOD /path` with `:parameters`. */
      routes,
      /** Waits for the lines about requests to a path. */
      requestLines: (path: string, count: number) => log.requests(path, count),
      /** Calls without a credential. */
      nobody: callerOf(url, undefined),
      as: (token: string, workspace?: string) => callerOf(url, token, workspace),
      stop: Scope.close(scope, Exit.void),
      ...settle(stores)
    }
  }
)

export type Muster = E.Success<ReturnType<typeof startMuster>>
