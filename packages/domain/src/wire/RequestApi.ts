import { Schema, String } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import * as RequestKinds from "../request/kinds/RequestKinds.ts"
import type { RequestKind } from "../request/RequestKind.ts"
import { listOf, Word } from "../text/BoundedText.ts"
import { requestRecord } from "./RequestRecord.ts"
import { ReadableErrors, UserAuth, WorkspaceScope } from "./Security.ts"
import { BadRequest, Conflict, Forbidden, NotFound, ServerFault, TooLarge, TooMany, Unavailable } from "./WireError.ts"

/** The maximum time that a GET of a request waits for the request to settle, in seconds. */
export const maxWait = 60

type Pascal<Name extends string> = Name extends `${infer Head}_${infer Tail}` ? `${Capitalize<Head>}${Pascal<Tail>}`
  : Capitalize<Name>

type GroupName<K extends RequestKind> = Uncapitalize<Pascal<K["name"]>>

/** The name of a kind's group in the typed client: `modelList`, so `client.modelList.ask` and `client.modelList.look`. */
export const groupName = <K extends RequestKind>(kind: K) => String.snakeToCamel(kind.name) as GroupName<K>

/** Whether the kind has a payload. */
export const hasPayload = (kind: RequestKind): boolean => Object.keys(kind.payload.fields).length > 0

type PayloadOf<K extends RequestKind> = keyof K["payload"]["fields"] extends never ? never : K["payload"]

type QueryOf<K extends RequestKind> = K extends { readonly kept: true } ? typeof freshQuery : never

const freshQuery = {
  /** `1`: send a request to the daemon even if an answer is kept. */
  fresh: Schema.optionalKey(Word)
}

const params = { runtimeId: Word }
const errors = [BadRequest, Forbidden, NotFound, ServerFault] as const

const ask = <K extends RequestKind>(kind: K) =>
  HttpApiEndpoint.post("ask", `/:runtimeId/${kind.path}`, {
    params,
    query: (kind.kept === true ? freshQuery : undefined) as QueryOf<K>,
    payload: (hasPayload(kind) ? kind.payload : undefined) as PayloadOf<K>,
    success: requestRecord(kind),
    error: [...errors, Unavailable, TooLarge, TooMany, Conflict]
  })

const look = <K extends RequestKind>(kind: K) =>
  HttpApiEndpoint.get("look", `/:runtimeId/${kind.path}/:requestId`, {
    params: { ...params, requestId: Word },
    query: {
      /** Seconds, at most `maxWait`: respond as soon as the request is settled, or when the wait is over. */
      wait: Schema.optionalKey(Word),
      /** Respond also as soon as the status is no longer this one. */
      while: Schema.optionalKey(Schema.Literals(["pending", "running"]))
    },
    success: requestRecord(kind),
    error: errors
  })

/** Why one of several was refused. */
export const Refusal = Schema.Struct({ error: Schema.String, code: Schema.String })

const askMany = <K extends RequestKind>(kind: K, { max, path }: { readonly path: string; readonly max: number }) =>
  HttpApiEndpoint.post("askMany", `/:runtimeId/${path}`, {
    params,
    payload: Schema.Struct({ requests: listOf(kind.payload, max) }),
    /** One entry per request, in the same order: its record, or why it was refused. */
    success: Schema.Struct({ requests: listOf(Schema.Union([requestRecord(kind), Refusal]), max) }),
    error: [...errors, Unavailable, TooLarge]
  })

/** The endpoints of one kind, made from the kind. */
const group = <K extends RequestKind, const More extends ReadonlyArray<HttpApiEndpoint.Constraint> = []>(
  kind: K,
  title: string,
  ...more: More
) =>
  HttpApiGroup.make(groupName(kind)).add(ask(kind), look(kind), ...more).middleware(WorkspaceScope).middleware(UserAuth)
    .middleware(ReadableErrors).prefix("/api/runtimes").annotateMerge(
      OpenApi.annotations({ title, description: "Ask a runtime for something, and wait for its answer." })
    )

export const ModelListApi = group(RequestKinds.ModelList, "Requests: models")
export const LocalSkillListApi = group(RequestKinds.LocalSkillList, "Requests: local skills")
export const LocalSkillImportApi = group(
  RequestKinds.LocalSkillImport,
  "Requests: import of skills",
  askMany(RequestKinds.LocalSkillImport, RequestKinds.LocalSkillImport.many)
)
export const PingApi = group(RequestKinds.Ping, "Requests: ping")
export const UpdateApi = group(RequestKinds.Update, "Requests: update")

/** A kind without a group is a type error. */
type GroupsOf<Kinds extends ReadonlyArray<RequestKind>> = {
  readonly [I in keyof Kinds]: { readonly identifier: GroupName<Kinds[I]> }
}

/** The group of each kind of request, in the order of the kinds. Source: `docs/protocol.md` 8.4–8.11. */
export const requestGroups = [
  ModelListApi,
  LocalSkillListApi,
  LocalSkillImportApi,
  PingApi,
  UpdateApi
] as const satisfies GroupsOf<typeof RequestKinds.known>
