import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Api, Identity, Runtime, Scope, Security, Token, WireError } from "@muster/domain"
import { Effect, Layer, Redacted, Ref } from "effect"
import { HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApi, HttpApiBuilder } from "effect/http-api"
import { createServer } from "node:http"
import { type Listing, type PingRecord, token, user, workspace } from "./Fixtures.ts"

/** The answers of the server. */
export interface Script {
  readonly runtimes?: ReadonlyArray<Api.RuntimeRecord & Partial<Api.FleetItem>>
  readonly members?: ReadonlyArray<Identity.Member>
  readonly workspaces?: ReadonlyArray<ReturnType<typeof workspace>>
  /** The first answer to a model request, and the effects of later polls; the last one is repeated. */
  readonly listings?: ReadonlyArray<Listing | WireError.WireError>
  /** The content of the journal. */
  readonly explanations?: ReadonlyArray<Api.ExplanationRecord>
  /** The same for a ping. */
  readonly pings?: ReadonlyArray<PingRecord | WireError.WireError>
  readonly readiness?: { readonly status: number; readonly body: unknown }
}

/** A running scripted server, and the calls that it received. */
export interface Scripted {
  readonly url: string
  readonly requests: Effect.Effect<
    ReadonlyArray<{
      readonly line: string
      readonly headers: Readonly<Record<string, string | undefined>>
    }>
  >
}

const tokenId = Identity.TokenId.make("00000000-0000-4000-8000-000000000002")
const tokenHash = Token.TokenHash.make("0".repeat(64))

const caller = {
  _tag: "User",
  userId: user.id,
  tokenId,
  tokenHash,
  purpose: "api",
  prefix: "mul_00000000",
  scopes: Scope.all,
  expiresAt: null,
  origin: { id: tokenId, expiresAt: null }
} as const

const unused = () => Effect.die(new Error("the CLI does not call this"))

const layerAuth = Layer.mergeAll(
  Layer.succeed(Security.UserAuth, {
    bearer: (app, { credential }) =>
      Redacted.value(credential) === token
        ? Effect.provideService(app, Security.Caller, caller)
        : Effect.fail(WireError.invalidToken())
  }),
  Layer.succeed(Security.DaemonAuth, { bearer: unused }),
  Layer.succeed(Security.ReadableErrors, (app) => app)
)

const layerWorkspace = (known: ReadonlyArray<ReturnType<typeof workspace>>) =>
  Layer.succeed(Security.WorkspaceScope, (app) =>
    Effect.gen(function*() {
      const { headers } = yield* HttpServerRequest.HttpServerRequest
      const named = known.find(({ id, slug }) =>
        id === headers["x-workspace-id"] || slug === headers["x-workspace-slug"]
      )
      if (named === undefined) return yield* WireError.workspaceNotFound()
      return yield* Effect.provideService(app, Security.CurrentWorkspace, { workspace: named, role: "member" })
    }))

const answer = <A extends Listing | PingRecord>(said: A | WireError.WireError) =>
  "status" in said ? Effect.succeed(said) : Effect.fail(said as never)

/** Returns the elements of `said` in order; the last one is repeated. */
const inTurn = <A extends Listing | PingRecord>(said: ReadonlyArray<A | WireError.WireError>) =>
  Effect.map(
    Ref.make(0),
    (looks) => Effect.flatMap(Ref.getAndUpdate(looks, (n) => n + 1), (n) => answer(said[Math.min(n, said.length - 1)]!))
  )

/** The part of the API that the CLI is tested against. */
class ScriptedApi
  extends HttpApi.make("muster").add(Api.AccessApi).add(Api.RuntimeApi).add(Api.FleetApi).add(Api.MemberApi)
    .add(Api.ModelListApi).add(Api.PingApi).add(Api.JournalApi)
{}

const layerApi = (
  { explanations = [], listings = [], members = [], pings = [], runtimes = [], workspaces = [workspace("e", "home")] }:
    Script
) => {
  const access = HttpApiBuilder.group(ScriptedApi, "access", (handlers) =>
    Effect.succeed(handlers.handleAll({
      me: () => Effect.succeed(user),
      workspaces: () => Effect.succeed(workspaces),
      tokens: unused,
      createToken: unused,
      renewToken: unused,
      revokeToken: unused,
      createWorkspace: unused
    })))
  const seeing = HttpApiBuilder.group(
    ScriptedApi,
    "runtimes",
    (handlers) =>
      Effect.succeed(handlers.handleAll({
        list: () => Effect.succeed(runtimes),
        one: unused,
        history: unused,
        edit: ({ params, payload }) => {
          const found = runtimes.find(({ id }) => id === params.runtimeId)
          if (found === undefined) return Effect.fail(WireError.runtimeNotFound())
          const change = Object.fromEntries(Object.entries(payload).filter(([, value]) => value != null))
          return Effect.succeed({ ...found, ...change } as Api.RuntimeRecord)
        },
        takeOver: unused,
        remove: () => Effect.succeed(Api.ok)
      }))
  )
  const items = runtimes.map((runtime) => ({
    machineName: Runtime.machineOf(runtime),
    machineId: null,
    draining: false,
    ownerName: null,
    labels: [],
    trouble: null,
    busy: false,
    ...runtime
  }))
  const counts = { all: 0, online: 0, offline: 0, trouble: 0, busy: 0, providers: [], owners: [], labels: [] }
  const people = HttpApiBuilder.group(
    ScriptedApi,
    "members",
    (handlers) => Effect.succeed(handlers.handleAll({ list: () => Effect.succeed(members) }))
  )
  const fleet = HttpApiBuilder.group(ScriptedApi, "fleet", (handlers) =>
    Effect.succeed(handlers.handleAll({
      // Two runtimes per page.
      page: ({ query: { cursor = "0" } }) => {
        const next = Number(cursor) + 2
        return Effect.succeed({
          items: items.slice(next - 2, next),
          next: next < items.length ? String(next) : null,
          total: items.length,
          counts
        })
      }
    })))
  const models = HttpApiBuilder.group(
    ScriptedApi,
    "modelList",
    (handlers) => Effect.map(inTurn(listings), (next) => handlers.handleAll({ ask: () => next, look: () => next }))
  )
  const pinging = HttpApiBuilder.group(
    ScriptedApi,
    "ping",
    (handlers) => Effect.map(inTurn(pings), (next) => handlers.handleAll({ ask: () => next, look: () => next }))
  )
  const journal = HttpApiBuilder.group(ScriptedApi, "journal", (handlers) =>
    Effect.succeed(handlers.handleAll({
      recent: () => Effect.succeed({ requests: explanations }),
      explain: ({ params }) => {
        const found = explanations.find(({ id }) => id === params.requestId)
        return found === undefined ? Effect.fail(WireError.absent("request")) : Effect.succeed(found)
      }
    })))
  return HttpApiBuilder.layer(ScriptedApi).pipe(
    Layer.provide([access, seeing, people, fleet, models, pinging, journal]),
    Layer.provide([layerAuth, layerWorkspace(workspaces)])
  )
}

/** Starts a server with the answers of `script`, on a free port, until the scope ends. */
export const scriptedServer = Effect.fnUntraced(function*(script: Script) {
  const seen = yield* Ref.make<Effect.Success<Scripted["requests"]>>([])
  const ready = script.readiness ??
    { status: 200, body: { status: "ok", environment: "embedded", checks: { db: "ok" } } }
  const routes = Layer.mergeAll(
    layerApi(script),
    HttpRouter.add(
      "GET",
      "/readyz",
      Effect.succeed(HttpServerResponse.jsonUnsafe(ready.body, { status: ready.status }))
    ),
    HttpRouter.middleware((app) =>
      Effect.gen(function*() {
        const { headers, method, url } = yield* HttpServerRequest.HttpServerRequest
        yield* Ref.update(seen, (all) => [...all, { line: `${method} ${url}`, headers }])
        return yield* app
      }), { global: true })
  )
  const context = yield* Layer.build(
    HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
      Layer.provideMerge(
        NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0, gracefulShutdownTimeout: 100 })
      )
    )
  )
  const url = yield* Effect.provideContext(
    Effect.map(HttpServer.HttpServer, ({ address }) => HttpServer.formatAddress(address)),
    context
  )
  const scripted: Scripted = { url, requests: Ref.get(seen) }
  return scripted
})

/** The address of a server that has just stopped. */
export const deadServer = Effect.scoped(Effect.map(scriptedServer({}), ({ url }) => url))
