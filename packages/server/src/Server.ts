import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Api } from "@muster/domain"
import { allocateYoung, isTraced, layerTraces } from "@muster/kit"
import { ByteSize, Effect, Layer } from "effect"
import { HttpMiddleware, HttpRouter, HttpServer, HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import type { ServerOptions as NodeServerOptions } from "node:http"
import { layerAccessRoutes } from "./access/AccessRoutes.ts"
import { Authenticator } from "./access/Authenticator.ts"
import { layerMemberRoutes } from "./access/MemberRoutes.ts"
import { MemberWatch } from "./access/MemberWatch.ts"
import { layerSecurity } from "./access/Security.ts"
import { TokenWatch } from "./access/TokenWatch.ts"
import { Audit } from "./audit/Audit.ts"
import { layerAuditDays } from "./audit/AuditDays.ts"
import { layerAuditRoutes } from "./audit/AuditRoutes.ts"
import { layerBackupRoutes } from "./backup/BackupRoutes.ts"
import { Heartbeat } from "./beat/Heartbeat.ts"
import { layerHeartbeatRoute } from "./beat/HeartbeatRoute.ts"
import { layerCatalogueRoutes } from "./catalogue/CatalogueRoutes.ts"
import type { Stores } from "./condition/Stores.ts"
import { ConsoleFolder } from "./console/ConsoleFolder.ts"
import { layerConsoleRoutes } from "./console/ConsoleRoutes.ts"
import { DataFolder } from "./data/DataFolder.ts"
import { StartupFailure } from "./data/StartupFailure.ts"
import { layerDocsRoutes } from "./docs/DocsRoutes.ts"
import { layerEnvironment } from "./Environment.ts"
import { layerEventRoutes } from "./events/EventRoutes.ts"
import { FleetEntries } from "./fleet/FleetEntries.ts"
import { layerFleetRoutes } from "./fleet/FleetRoutes.ts"
import { layerHealthRoutes } from "./health/HealthRoutes.ts"
import { Readiness } from "./health/Readiness.ts"
import { layerHelpRoutes } from "./help/HelpRoutes.ts"
import { isLoopback, layerHostCheck, LoopbackOnly } from "./http/HostCheck.ts"
import { maxBody } from "./http/jsonBody.ts"
import { makeListener } from "./http/makeListener.ts"
import { layerNoRoute } from "./http/NoRoute.ts"
import { layerRouteIndex } from "./http/RouteIndex.ts"
import { layerTrustedProxies } from "./http/TrustedProxies.ts"
import { Upgrades } from "./http/Upgrades.ts"
import { Journal } from "./journal/Journal.ts"
import { layerHooks } from "./layerHooks.ts"
import { Limits } from "./limit/Limits.ts"
import { layerAccessLog } from "./log/AccessLog.ts"
import { Drains } from "./machine/Drains.ts"
import { layerJoinRoutes } from "./machine/JoinRoutes.ts"
import { layerMachineRoutes } from "./machine/MachineRoutes.ts"
import { Departures } from "./membership/Departures.ts"
import { layerInvitationRoutes } from "./membership/InvitationRoutes.ts"
import { layerInviteLinkRoutes } from "./membership/InviteLinkRoutes.ts"
import { layerProfileRoutes } from "./membership/ProfileRoutes.ts"
import { layerWorkspaceRoutes } from "./membership/WorkspaceRoutes.ts"
import { layerObserved } from "./metrics/ObservedStores.ts"
import { layerOidcProvider } from "./oidc/OidcProvider.ts"
import { layerOidcSettings } from "./oidc/OidcSettings.ts"
import { Owner } from "./owner/Owner.ts"
import { EventLoop } from "./pacing/EventLoop.ts"
import { LoadShedding } from "./pacing/LoadShedding.ts"
import { layerRepositoryRoutes } from "./repository/RepositoryRoutes.ts"
import { layerJournalRoutes } from "./request/JournalRoutes.ts"
import { layerReportRoutes } from "./request/ReportRoute.ts"
import { layerRequestRoutes } from "./request/RequestRoutes.ts"
import { RequestService } from "./request/RequestService.ts"
import { layerDaemonRoutes } from "./runtime/DaemonRoutes.ts"
import { RuntimeAccess } from "./runtime/RuntimeAccess.ts"
import { RuntimeDirectory } from "./runtime/RuntimeDirectory.ts"
import { layerRuntimeRoutes } from "./runtime/RuntimeRoutes.ts"
import { layerSweeper } from "./runtime/Sweeper.ts"
import { layerMetricsRoute } from "./scrape/MetricsRoute.ts"
import { ServerInfo } from "./ServerInfo.ts"
import type { ServerOptions, StoreOptions } from "./ServerOptions.ts"
import { layerOidcRoutes } from "./session/OidcRoutes.ts"
import { layerSessionRoutes } from "./session/SessionRoutes.ts"
import { Sessions } from "./session/Sessions.ts"
import { layerSkillRoutes } from "./skill/SkillRoutes.ts"
import { Draining, DrainWindow } from "./socket/Draining.ts"
import { Pings } from "./socket/Pings.ts"
import { layerSocketRoute } from "./socket/SocketRoute.ts"
import { layerSocketServer } from "./socket/SocketServer.ts"
import { layerDaemonTaskRoutes } from "./task/DaemonTaskRoutes.ts"
import { layerLegacyTaskRoutes } from "./task/LegacyTaskRoutes.ts"
import { layerOwnTaskRoutes } from "./task/OwnTaskRoutes.ts"
import { layerTaskDeletions } from "./task/TaskDeletions.ts"
import { TaskFollowers } from "./task/TaskFollowers.ts"
import { layerTaskRoutes } from "./task/TaskRoutes.ts"
import { TaskService } from "./task/TaskService.ts"
import { layerTaskUpkeep } from "./task/TaskUpkeep.ts"

const layerPacedDraining = Layer.provideMerge(Draining.layer, LoadShedding.layer)

/** The services of the routes. */
const layerServices = layerHooks.pipe(
  Layer.provideMerge(
    Layer.mergeAll(
      Heartbeat.layer,
      RequestService.layer,
      Sessions.layer,
      TaskFollowers.layer,
      TaskService.layer,
      layerOidcProvider
    )
  ),
  Layer.provideMerge(
    Layer.mergeAll(
      Drains.layer,
      RuntimeAccess.layer,
      TokenWatch.layer,
      MemberWatch.layer,
      Departures.layer,
      FleetEntries.layer
    )
  ),
  Layer.provideMerge(
    Layer.mergeAll(
      Authenticator.layer,
      Audit.layer,
      Limits.layer,
      Journal.layer,
      RuntimeDirectory.layer,
      Pings.layer,
      Upgrades.layer,
      layerPacedDraining
    )
  )
)

const layerTypedRoutes = HttpApiBuilder.layer(Api.MusterApi).pipe(
  Layer.provide([
    layerAccessRoutes,
    layerAuditRoutes,
    layerMemberRoutes,
    layerEventRoutes,
    layerBackupRoutes,
    layerDaemonRoutes,
    layerDaemonTaskRoutes,
    layerLegacyTaskRoutes,
    layerRuntimeRoutes,
    layerFleetRoutes,
    layerCatalogueRoutes,
    layerJournalRoutes,
    layerRequestRoutes,
    layerSkillRoutes,
    layerTaskRoutes,
    layerProfileRoutes,
    layerWorkspaceRoutes,
    layerRepositoryRoutes,
    layerInvitationRoutes,
    layerMachineRoutes,
    layerJoinRoutes
  ]),
  Layer.provide([layerInviteLinkRoutes, layerSessionRoutes, layerOwnTaskRoutes]),
  Layer.provide(layerSecurity)
)

/** All routes of the server. */
const layerRoutes = Layer.mergeAll(
  layerTypedRoutes,
  layerHeartbeatRoute,
  layerReportRoutes,
  layerSocketRoute,
  layerOidcRoutes,
  layerHealthRoutes,
  layerMetricsRoute,
  layerDocsRoutes,
  layerConsoleRoutes,
  layerHelpRoutes,
  layerNoRoute,
  layerAccessLog,
  layerHostCheck
).pipe(Layer.provide(layerRouteIndex))

const layerListener = (options: ListenOptions) =>
  layerSocketServer(() => makeListener(options.http), options).pipe(
    Layer.catchTag("ServeError", (error) => Layer.effectContext(Effect.fail(refusedPort(options, error.cause))))
  )

const layerRouter = Layer.effect(HttpRouter.HttpRouter, HttpRouter.HttpRouter)

/** Builds the routes before it opens the port, so that no early request is left without a response. */
const layerListening = (options: ListenOptions) =>
  Layer.unwrap(Effect.map(
    HttpRouter.toHttpEffect(Layer.provide(layerRoutes, options.routes ?? layerRouter)),
    (app) => HttpServer.serve(app).pipe(Layer.provideMerge(layerListener(options)))
  ))

const refusedPort = ({ host, port }: ListenOptions, cause: unknown) => {
  const code = (cause as { readonly code?: string } | undefined)?.code
  return new StartupFailure({
    reason: "port",
    sentence: code === "EADDRINUSE"
      ? `port ${port} is taken by another program: stop it, or choose another one with --port`
      : `cannot listen on ${host}:${port}: ${code ?? String(cause)}`
  })
}

const layerInfo = Layer.effect(
  ServerInfo,
  Effect.gen(function*() {
    const { environment } = yield* Readiness
    const owner = yield* Owner
    const sessions = yield* Sessions
    const url = HttpServer.formatAddress((yield* HttpServer.HttpServer).address)
    const local = url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//127.0.0.1:")
    yield* Effect.logInfo("server is listening").pipe(Effect.annotateLogs({ url: local, environment }))
    return ServerInfo.of({
      url: local,
      environment,
      ownerToken: owner.token,
      ownerTokenFile: owner.tokenFile,
      ownerWorkspace: owner.workspaceId,
      signInLink: Effect.map(sessions.makeLink(owner), ({ secret }) => `${local}/${Api.signInFragment}${secret}`)
    })
  })
)

/** Traces requests to runtimes and their reports; not beats, which are frequent. */
const isUntraced = ({ url }: HttpServerRequest.HttpServerRequest) =>
  !url.startsWith("/api/runtimes/") && !url.startsWith("/api/daemon/runtimes/")

/** Records spans if a collector is configured. */
const layerTracing = Layer.effect(
  HttpMiddleware.TracerDisabledWhen,
  Effect.map(isTraced, (traced) => traced ? isUntraced : () => true)
).pipe(Layer.provideMerge(layerTraces("muster-server")))

/** Where a server listens. */
interface ListenOptions extends Pick<ServerOptions, "host" | "port"> {
  /** Options of Node's HTTP server. */
  readonly http?: NodeServerOptions | undefined
  /** Replaces the router, for a test that records the routes. */
  readonly routes?: Layer.Layer<HttpRouter.HttpRouter, never, HttpRouter.HttpRouter> | undefined
}

/** A server that listens and sweeps, and the services of its routes; without an owner and traces. */
export const layerServing = (options: ListenOptions) =>
  Layer.mergeAll(Draining.layerSignal, layerSweeper, layerTaskUpkeep).pipe(
    Layer.provideMerge(layerListening(options)),
    Layer.provideMerge(layerServices),
    Layer.provideMerge(layerTaskDeletions),
    Layer.provideMerge(layerObserved),
    Layer.provide([
      NodeServices.layer,
      NodeHttpServer.layerHttpServices,
      Layer.succeed(HttpServerRequest.MaxBodySize, ByteSize.fromInputUnsafe(maxBody.bytes))
    ])
  )

/**
 * A whole server over the stores that you provide: it listens, sweeps and has an owner. When its scope ends it drains: it
 * accepts no connections, closes the sockets one after another, finishes requests within 2 s and writes last-seen times.
 * Provide `Readiness` for the checks of `/readyz`; by default there are none.
 */
export const layerServerOver = (options: Omit<ServerOptions, keyof StoreOptions>): Layer.Layer<
  ServerInfo,
  StartupFailure,
  Stores
> =>
  layerInfo.pipe(
    Layer.provide(layerServing(options)),
    Layer.provide(Owner.layer),
    Layer.provide(DataFolder.layer(options.dataDir)),
    Layer.provide(layerOidcSettings(options)),
    Layer.provide([
      NodeServices.layer,
      EventLoop.layer,
      layerTracing,
      Layer.succeed(ConsoleFolder, options.consoleFolder),
      Layer.succeed(LoopbackOnly, isLoopback(options.host)),
      layerAuditDays,
      layerTrustedProxies,
      options.drainWindow === undefined ? Layer.empty : Layer.succeed(DrainWindow, options.drainWindow)
    ])
  )

/**
 * A whole server over the stores that its configuration selects. Checks the options before it opens a store. Sets how V8 allocates,
 * for all of this process: see `allocateYoung`.
 */
export const layerServer = (options: ServerOptions): Layer.Layer<ServerInfo, StartupFailure> =>
  layerServerOver(options).pipe(
    Layer.provide(layerEnvironment(options)),
    Layer.provide(layerOidcSettings(options)),
    Layer.provide(Layer.effectDiscard(Effect.sync(allocateYoung)))
  )
