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

type AskName<K extends RequestKind> = `ask${Pascal<K["name"]>}`
type LookName<K extends RequestKind> = `look${Pascal<K["name"]>}`
type AskManyName<K extends RequestKind> = `askMany${Pascal<K["name"]>}`

/** The names of a kind's endpoints in the typed client: `askModelList`, `lookModelList`. */
export const askName = <K extends RequestKind>(kind: K) => `ask${String.snakeToPascal(kind.name)}` as AskName<K>
export const lookName = <K extends RequestKind>(kind: K) => `look${String.snakeToPascal(kind.name)}` as LookName<K>
export const askManyName = <K extends RequestKind>(kind: K) =>
  `askMany${String.snakeToPascal(kind.name)}` as AskManyName<K>

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
  HttpApiEndpoint.post(askName(kind), `/:runtimeId/${kind.path}`, {
    params,
    query: (kind.kept === true ? freshQuery : undefined) as QueryOf<K>,
    payload: (hasPayload(kind) ? kind.payload : undefined) as PayloadOf<K>,
    success: requestRecord(kind),
    error: [...errors, Unavailable, TooLarge, TooMany, Conflict]
  })

const look = <K extends RequestKind>(kind: K) =>
  HttpApiEndpoint.get(lookName(kind), `/:runtimeId/${kind.path}/:requestId`, {
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
  HttpApiEndpoint.post(askManyName(kind), `/:runtimeId/${path}`, {
    params,
    payload: Schema.Struct({ requests: listOf(kind.payload, max) }),
    /** One entry per request, in the same order: its record, or why it was refused. */
    success: Schema.Struct({ requests: listOf(Schema.Union([requestRecord(kind), Refusal]), max) }),
    error: [...errors, Unavailable, TooLarge]
  })

type EndpointsOf<K extends RequestKind> = K extends unknown ?
    | ReturnType<typeof ask<K>>
    | ReturnType<typeof look<K>>
    | ("many" extends keyof K ? ReturnType<typeof askMany<K>> : never)
  : never

const endpointsOf = (kind: RequestKind) => [
  ask(kind),
  look(kind),
  ...(kind.many === undefined ? [] : [askMany(kind, kind.many)])
]

const endpoints = RequestKinds.known.flatMap(endpointsOf) as unknown as readonly [
  EndpointsOf<RequestKinds.KnownKind>,
  ...ReadonlyArray<EndpointsOf<RequestKinds.KnownKind>>
]

/**
 * Requests to runtimes, and their results: endpoints of every kind of request, made from the kind. Source:
 * `docs/protocol.md` 8.4–8.11.
 */
export class RequestApi extends HttpApiGroup.make("requests").add(...endpoints).middleware(WorkspaceScope)
  .middleware(UserAuth).middleware(ReadableErrors).prefix("/api/runtimes").annotateMerge(
    OpenApi.annotations({ title: "Requests", description: "Ask a runtime something, and wait for its answer." })
  )
{}
