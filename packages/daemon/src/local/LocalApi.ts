import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { ByteSize, Clock, Context, Effect, Layer, Option, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { HttpClient, HttpClientResponse, HttpMiddleware, HttpRouter, HttpServer, HttpServerRequest } from "effect/http"
import { createServer } from "node:http"
import { IdentityUnavailable } from "../identity/DaemonIdFile.ts"
import { Identity } from "../identity/Identity.ts"
import { keepControlFile, localProfile } from "./ControlFile.ts"
import { goDuration, localHealth } from "./LocalHealth.ts"
import { layerLocalRoutes, makeMetricsRoute } from "./LocalRoutes.ts"
import { AlreadyRuns, LocalPortTaken } from "./ProfileLock.ts"
import { StatusBoard } from "./StatusBoard.ts"

/** The limits of a call: its headers in bytes, its time in ms; and the number of connections. */
const maxHead = 8 * 1_024
const callTime = 5_000
const maxConnections = 64

/** The time limit for the program on our port to identify itself, in ms. */
const requestTimeout = 1_000

const listen = (port: number) =>
  NodeHttpServer.layerServer(
    () => {
      const server = createServer({
        maxHeaderSize: maxHead,
        headersTimeout: callTime,
        requestTimeout: callTime,
        connectionsCheckingInterval: callTime,
        keepAliveTimeout: callTime
      })
      server.maxConnections = maxConnections
      return server
    },
    { host: "127.0.0.1", port, gracefulShutdownTimeout: "500 millis" }
  )

const codeOf = (cause: unknown) => (cause as { readonly code?: string } | undefined)?.code ?? String(cause)

const Neighbour = Schema.Struct({ daemon_id: Schema.String, pid: Schema.Int })

/** Returns the daemon that listens on the port, if it is one. */
const neighbour = (port: number) =>
  HttpClient.get(`http://127.0.0.1:${port}/health`).pipe(
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Neighbour)),
    Effect.timeout(requestTimeout),
    Effect.option,
    Effect.provide(NodeHttpClient.layerNodeHttp)
  )

export interface LocalApiOptions {
  readonly dataDir: string
  readonly serverUrl: string
  /** The local port; 0: any free one. Default: the profile's own, else any free one. */
  readonly localPort?: number
  /** How long, in seconds, a stop waits for running tasks; default: 0. */
  readonly drainTasks?: number
}

/**
 * The daemon's port on 127.0.0.1, for its status and its control. It starts before the rest of the daemon and stops after it.
 * The port is the profile's own (19514 for the default profile), or any free port if another program uses that;
 * `<data>/daemon.json` names it. A daemon of the same identity at that port is `AlreadyRuns`.
 */
export class LocalApi extends Context.Service<LocalApi, {
  readonly port: number
}>()("@muster/daemon/local/LocalApi") {
  static readonly layer = (options: LocalApiOptions) => {
    const profile = localProfile(options.dataDir)
    const wanted = options.localPort ?? profile.port

    const listener = listen(wanted).pipe(
      Layer.catchTag("ServeError", ({ cause }) =>
        Layer.unwrap(Effect.gen(function*() {
          const { daemonId } = yield* Identity
          const other = codeOf(cause) === "EADDRINUSE" ? yield* neighbour(wanted) : Option.none()
          if (Option.isSome(other) && other.value.daemon_id === daemonId) {
            return yield* new AlreadyRuns({ folder: profile.folder, pid: other.value.pid })
          }
          const holder = Option.isSome(other) ? `another daemon (process ${other.value.pid})` : "another program"
          const reason = codeOf(cause) === "EADDRINUSE" ? `${holder} has it` : codeOf(cause)
          if (options.localPort !== undefined) return yield* new LocalPortTaken({ port: wanted, reason })
          yield* Effect.logInfo(`local port ${wanted}: ${reason}; using a free port`)
          return listen(0)
        }))),
      Layer.catchTag(
        "ServeError",
        ({ cause }) => Layer.effectContext(Effect.fail(new LocalPortTaken({ port: 0, reason: codeOf(cause) })))
      )
    )

    const routes = Effect.gen(function*() {
      const board = yield* StatusBoard
      const identity = yield* Identity
      const startedAt = yield* Clock.currentTimeMillis
      const token = yield* Effect.sync(() => Buffer.from(SecureRandom.randomBytesUnsafe(32)).toString("hex"))
      let stopping = false
      const say = Effect.gen(function*() {
        return localHealth(
          {
            pid: process.pid,
            uptime: goDuration((yield* Clock.currentTimeMillis) - startedAt),
            daemon_id: identity.daemonId,
            device_name: identity.deviceName,
            server_url: options.serverUrl,
            cli_version: identity.clientVersion,
            os: process.platform,
            profile: profile.name,
            data_folder: profile.folder,
            started_at: startedAt,
            drain_tasks: options.drainTasks ?? 0
          },
          yield* board.snapshot,
          stopping
        )
      })
      const app = yield* HttpRouter.toHttpEffect(layerLocalRoutes({
        token,
        health: say,
        askToStop: Effect.andThen(Effect.sync(() => void (stopping = true)), board.askToStop),
        hurry: board.hurry,
        more: yield* makeMetricsRoute(board)
      }))
      const layerControlFile = Layer.effect(
        LocalApi,
        Effect.gen(function*() {
          const { address } = yield* HttpServer.HttpServer
          const port = "port" in address ? address.port : wanted
          yield* keepControlFile(options.dataDir, { pid: process.pid, port, token, started_at: startedAt })
          return { port }
        })
      ).pipe(
        Layer.catchTag(
          "PlatformError",
          ({ message }) =>
            Layer.effectContext(Effect.fail(new IdentityUnavailable({ path: options.dataDir, reason: message })))
        )
      )
      return Layer.merge(HttpServer.serve(app), layerControlFile)
    })

    return Layer.unwrap(routes).pipe(
      Layer.provide(listener),
      Layer.provide(NodeHttpServer.layerHttpServices),
      Layer.provide([
        Layer.succeed(HttpServerRequest.MaxBodySize, ByteSize.kibibytes(4)),
        Layer.succeed(HttpMiddleware.TracerDisabledWhen, () => true)
      ])
    )
  }
}
