import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { maxRepos } from "../access/Workspace.ts"
import { goText } from "../codec/Go.ts"
import { snakeKeys } from "../codec/Snake.ts"
import { LeftOuts } from "../request/LeftOut.ts"
import { maxLegacyIds, maxRuntimesPerRegistration } from "../runtime/Registration.ts"
import { listOf, reportedName, textLimits, textOf, Word } from "../text/BoundedText.ts"
import { RuntimeRecord } from "./RuntimeRecord.ts"
import { AnyContentType, DaemonAuth, ReadableErrors } from "./Security.ts"
import {
  BadRequest,
  Conflict,
  Forbidden,
  NotFound,
  ServerFault,
  TooLarge,
  TooMany,
  Unauthenticated,
  Unavailable
} from "./WireError.ts"

/** Success without a body. */
export const Ok = Schema.Struct({ status: Schema.Literal("ok") })
export const ok: typeof Ok.Type = { status: "ok" }

const Repo = Schema.Struct({ url: Schema.String })

const Name = goText(reportedName(textLimits.name))
const ShortName = goText(reportedName(100))

/** One CLI of a registration. */
export const RegisterEntry = Schema.Struct({
  name: Name,
  type: ShortName,
  version: Name,
  status: ShortName,
  /** False: the daemon has no driver that gives this CLI work. */
  runs_tasks: goText(Schema.Boolean)
})

const LegacyId = Schema.String.annotate({ description: `One of more than ${textLimits.word} characters is left out.` })

const Entries = Schema.Array(Schema.Unknown).annotate({
  description: `Each a RegisterEntry. What is over ${maxRuntimesPerRegistration} entries is left out.`
})

/**
 * A daemon's report of the CLIs on its machine, for one workspace. Each entry of `runtimes` is validated separately, as
 * a `RegisterEntry`. Source: `docs/protocol.md` 5.2.
 */
export const RegisterBody = snakeKeys(Schema.Struct({
  workspaceId: goText(Word),
  daemonId: goText(Word),
  legacyDaemonIds: goText(listOf(LegacyId, maxLegacyIds, `holds more than ${maxLegacyIds} entries`)),
  deviceName: Name,
  cliVersion: ShortName,
  launchedBy: ShortName,
  timezone: ShortName,
  runtimes: goText(Entries)
}))

export const RegisterReply = snakeKeys(Schema.Struct({
  runtimes: listOf(RuntimeRecord, maxRuntimesPerRegistration),
  repos: listOf(Repo, maxRepos),
  reposVersion: Schema.String,
  settings: Schema.Record(Schema.String, Schema.Json),
  /** What the server can do beyond v0.3.1, whose replies do not have this field. */
  capabilities: listOf(Word, 32),
  /** Entries of `runtimes` that were not registered, and why. */
  leftOut: Schema.optionalKey(LeftOuts)
}))

export const ReposReply = snakeKeys(Schema.Struct({
  workspaceId: Schema.String,
  repos: listOf(Repo, maxRepos),
  reposVersion: Schema.String
}))

/** The maximum number of runtimes in one deregistration. */
const maxDeregistered = 10_000

export const DeregisterBody = snakeKeys(Schema.Struct({
  runtimeIds: goText(listOf(Word, maxDeregistered, `holds more than ${maxDeregistered} ids`))
}))

/** Keys as on the wire: this is the most frequent body, so it is not renamed. */
export const HeartbeatBody = Schema.Struct({
  runtime_id: goText(Word),
  supports_batch_import: Schema.optionalKey(Schema.NullOr(Schema.Boolean)),
  supports_pacing: Schema.optionalKey(Schema.NullOr(Schema.Boolean))
})

const HeartbeatReply = Schema.StructWithRest(Schema.Struct({ status: Schema.Literal("ok") }), [
  Schema.Record(Schema.String, Schema.Json)
])

/** Of a socket's query, which names up to 1,000 runtimes; the whole head of a request has at most 64 KiB. */
const maxIdsLength = 65_536

const errors = [BadRequest, NotFound, ServerFault, TooLarge] as const
const runtime = { runtimeId: Word }

/** What daemons call. The beat and the socket are served next to the typed routes, for speed and for the upgrade. */
export class DaemonApi extends HttpApiGroup.make("daemon").add(
  HttpApiEndpoint.post("register", "/register", {
    payload: RegisterBody,
    success: RegisterReply,
    /**
     * 403 `daemon_of_another`: a person's token and the daemon id of another person; `credential_of_another_machine`: a
     * machine credential and another daemon id or fingerprint.
     */
    error: [...errors, Unauthenticated, Forbidden, TooMany]
  }),
  HttpApiEndpoint.post("deregister", "/deregister", { payload: DeregisterBody, success: Ok, error: errors }),
  HttpApiEndpoint.get("repos", "/workspaces/:workspaceId/repos", {
    params: { workspaceId: Word },
    success: ReposReply,
    error: errors
  })
).middleware(DaemonAuth).middleware(ReadableErrors).middleware(AnyContentType).prefix("/api/daemon").annotateMerge(
  OpenApi.annotations({ title: "Daemons", description: "What a daemon calls to register, beat and report." })
) {}

/** The part of the daemons' API that is served next to the typed routes; here for the documentation. */
export class DaemonLoopApi extends HttpApiGroup.make("daemonLoop").add(
  HttpApiEndpoint.post("heartbeat", "/heartbeat", {
    payload: HeartbeatBody,
    success: HeartbeatReply,
    /** 409 `second_daemon`: another machine uses this daemon's id. */
    error: [...errors, Conflict]
  }),
  HttpApiEndpoint.post("report", "/runtimes/:runtimeId/:kind/:requestId/result", {
    params: { ...runtime, kind: Word, requestId: Word },
    payload: Schema.Record(Schema.String, Schema.Json),
    success: Ok,
    error: errors
  }),
  HttpApiEndpoint.get("socket", "/ws", {
    query: { runtime_ids: textOf(maxIdsLength) },
    success: Schema.Void,
    error: [...errors, Unavailable]
  })
).middleware(DaemonAuth).prefix("/api/daemon").annotateMerge(
  OpenApi.annotations({
    title: "Daemons: beats, reports, socket",
    description: "What a daemon calls while it runs, and its WebSocket."
  })
) {}
