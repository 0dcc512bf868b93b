import { Api, DaemonSocket, Identity as DomainIdentity, Report, Repository, Runtime } from "@muster/domain"
import { Context, Effect, Layer, Redacted, Ref, Schema } from "effect"
import { driverOf } from "../agent/drivers.ts"
import { SleepWatch } from "../clock/SleepWatch.ts"
import { Identity } from "../identity/Identity.ts"
import { runtimeName } from "../identity/Names.ts"
import { Intervals } from "../Intervals.ts"
import { type Call, makeCaller } from "./Caller.ts"
import { Connections } from "./Connections.ts"
import { CredentialApi } from "./CredentialApi.ts"
import { eitherTaskServer } from "./eitherTaskServer.ts"
import { headersOf } from "./headersOf.ts"
import { httpTaskServer } from "./httpTaskServer.ts"
import { makeLegacyTaskServer } from "./legacyTaskServer.ts"
import { MachineAccess } from "./MachineAccess.ts"
import { type BeatReply, type ListedWorkspace, ServerApi } from "./ServerApi.ts"
import { ServerClock } from "./ServerClock.ts"
import { Refused, type ServerError, type Unreachable } from "./ServerError.ts"
import { parseServerUrl } from "./ServerUrl.ts"
import { makeServerWatch } from "./ServerWatch.ts"
import { TaskServer } from "./TaskServer.ts"

/**
 * The fields of the server's replies that the daemon uses. Replies of the reference server, which differ in other fields, are
 * accepted, too.
 */
const WorkspacesReply = Schema.Array(Schema.Struct({
  id: DomainIdentity.WorkspaceId,
  name: Schema.String,
  repos: Schema.optionalKey(Schema.Json),
  repos_version: Schema.optionalKey(Schema.String),
  settings: Schema.optionalKey(Schema.Json)
}))

const ReposReply = Schema.Struct({ repos: Schema.Array(Schema.Json), repos_version: Schema.String })

const isObject = Schema.is(Schema.Record(Schema.String, Schema.Json))

const urlsIn = (repos: ReadonlyArray<Schema.Json>) => Repository.repositoriesIn(repos).map(({ url }) => url)

const listedFrom = (rows: typeof WorkspacesReply.Type): ReadonlyArray<ListedWorkspace> =>
  rows.map(({ id, name, repos, repos_version, settings }) => ({
    id,
    name,
    ...(Array.isArray(repos) && { repositories: urlsIn(repos) }),
    ...(repos_version !== undefined && { repositoriesVersion: repos_version }),
    ...(isObject(settings) && { settings: Repository.settingsIn(settings) })
  }))

const MachineReply = Schema.Struct({
  machine: Schema.Struct({ name: Schema.String, drain: Schema.NullOr(Schema.Struct({ note: Schema.String })) }),
  workspaces: WorkspacesReply
})

const RenewReply = Schema.Struct({ credential: Schema.NonEmptyString, expires_at: Schema.String })

const RegistrationReply = Schema.Struct({
  runtimes: Schema.NonEmptyArray(
    Schema.Struct({ id: Runtime.RuntimeId, provider: Schema.String, name: Schema.String })
  ),
  /** Absent: a server of v0.3.1. */
  capabilities: Schema.optionalKey(Schema.Array(Schema.String))
})

/** A beat's reply: an object; `Ack.read` reads its content. */
const HeartbeatFields = Schema.Record(Schema.String, Schema.Json)

const encodeRegister = Schema.encodeSync(Api.RegisterBody)
const encodeDeregister = Schema.encodeSync(Api.DeregisterBody)
const encodeRenew = Schema.encodeSync(Api.RenewBody)
const encodeHeartbeat = Schema.encodeSync(Api.HeartbeatBody)

const ofRuntime = (runtime: Runtime.RuntimeId, rest: string) => `/api/daemon/runtimes/${runtime}/${rest}`

/** "Runtime not found" is unexpected for a call that names no runtime. */
const notGone = (error: ServerError): Refused | Unreachable =>
  error._tag === "Gone" ? new Refused({ operation: error.operation, status: 404, body: "runtime not found" }) : error

const isAboutSecond = (error: ServerError) =>
  error._tag === "Refused" && error.status === 409 && error.body.includes("second_daemon")

/** The server over HTTP. Source of routes and bodies: `docs/protocol.md` 5, 7.5, 9.9. */
export const layerHttpServerApi = (options: { readonly serverUrl: string; readonly token: Redacted.Redacted }) =>
  Layer.effectContext(
    Effect.gen(function*() {
      const identity = yield* Identity
      const intervals = yield* Intervals
      const watch = yield* makeServerWatch
      const url = yield* parseServerUrl(options.serverUrl)
      const machine = yield* MachineAccess
      const call = yield* makeCaller(url.http, yield* headersOf(options))
      const isLegacy = yield* Ref.make(false)

      const post = <A>(options: Omit<Call<A>, "method" | "deadline">, deadline = intervals.call) =>
        call<A>({ ...options, method: "POST", deadline })

      const workspaces = call({
        operation: "list workspaces",
        method: "GET",
        path: "/api/workspaces",
        deadline: intervals.listCall,
        reply: WorkspacesReply
      }).pipe(Effect.map(listedFrom))
      /** A machine's credential lists no person's workspaces. */
      const ofMachine = Effect.suspend(() =>
        call({
          operation: "load this machine",
          method: "GET",
          path: `/api/daemon/machine?daemon_id=${encodeURIComponent(identity.daemonId)}`,
          deadline: intervals.listCall,
          reply: MachineReply
        })
      ).pipe(Effect.map(({ machine: { drain, name }, workspaces }) => {
        machine?.setOwn({ name, draining: drain?.note ?? null })
        return listedFrom(workspaces)
      }))

      const credentials = CredentialApi.of({
        renew: Effect.suspend(() =>
          watch(post({
            operation: "renew the credential",
            path: "/api/daemon/credential/renew",
            body: encodeRenew({ daemonId: identity.daemonId }),
            reply: RenewReply
          }))
        ).pipe(
          Effect.map(({ credential, expires_at }) => ({
            credential: Redacted.make(credential),
            expiresAt: Date.parse(expires_at)
          })),
          Effect.mapError(notGone)
        )
      })

      const server = ServerApi.of({
        workspaces: watch(machine === undefined ? workspaces : ofMachine).pipe(Effect.mapError(notGone)),

        register: (workspaceId, clis) =>
          watch(
            post({
              operation: `register in workspace ${workspaceId}`,
              path: "/api/daemon/register",
              body: encodeRegister({
                workspaceId,
                daemonId: identity.daemonId,
                legacyDaemonIds: identity.legacyIds,
                deviceName: identity.deviceName,
                cliVersion: identity.clientVersion,
                launchedBy: identity.launchedBy,
                timezone: identity.timezone,
                runtimes: clis.map(({ provider, version }) => ({
                  name: runtimeName(provider, identity.deviceName),
                  type: provider,
                  version,
                  status: "online",
                  ...(driverOf(provider) === undefined && { runs_tasks: false })
                }))
              }),
              reply: RegistrationReply
            }),
            true
          ).pipe(
            Effect.tap(({ capabilities }) => Ref.set(isLegacy, capabilities?.includes(Api.tasksCapability) !== true)),
            Effect.map(({ runtimes }) => runtimes),
            Effect.mapError(notGone)
          ),

        repositories: (workspaceId) =>
          watch(call({
            operation: `load the repositories of workspace ${workspaceId}`,
            method: "GET",
            path: `/api/daemon/workspaces/${workspaceId}/repos`,
            deadline: intervals.call,
            reply: ReposReply
          })).pipe(
            Effect.map(({ repos, repos_version }) => ({ urls: urlsIn(repos), version: repos_version })),
            Effect.mapError(notGone)
          ),

        // Not watched: sent at exit, when the server may be down.
        deregister: (runtimes) =>
          post<void>({
            operation: "deregister",
            path: "/api/daemon/deregister",
            body: encodeDeregister({ runtimeIds: runtimes })
          }, intervals.deregister).pipe(Effect.mapError(notGone)),

        heartbeat: (runtime) =>
          watch(post({
            operation: `heartbeat of ${runtime}`,
            path: "/api/daemon/heartbeat",
            body: encodeHeartbeat({ runtime_id: runtime, ...DaemonSocket.capabilities }),
            reply: HeartbeatFields
          })).pipe(
            Effect.map((fields): BeatReply => ({ gone: fields["runtime_gone"] === true, fields })),
            Effect.catchIf(isAboutSecond, () => Effect.succeed<BeatReply>({ gone: false, second: true, fields: {} }))
          ),

        // A v0.3.1 server is told before the first claim, see `LegacyOrphans`: later it would fail what was claimed.
        recoverOrphans: (runtime) =>
          Effect.flatMap(Ref.get(isLegacy), (is) =>
            is ? Effect.void : watch(post<void>({
              operation: `recover orphans of ${runtime}`,
              path: ofRuntime(runtime, "recover-orphans")
            }))),

        report: ({ kind, outcome, requestId, runtimeId }) =>
          watch(post<void>({
            operation: `report of ${kind.name} ${requestId}`,
            path: ofRuntime(runtimeId, `${kind.path}/${requestId}/result`),
            body: Report.write(outcome)
          }))
      })
      const tasks = eitherTaskServer({
        own: httpTaskServer(() => identity.daemonId, (options) => watch(post(options))),
        legacy: yield* makeLegacyTaskServer((options) => watch(call({ ...options, deadline: intervals.call }))),
        isLegacy: Ref.get(isLegacy)
      })
      return Context.make(ServerApi, server).pipe(
        Context.add(CredentialApi, credentials),
        Context.add(TaskServer, tasks)
      )
    })
  ).pipe(
    Layer.provide(Connections.layer(options)),
    Layer.provide(ServerClock.layer),
    Layer.provide(SleepWatch.layer)
  )
