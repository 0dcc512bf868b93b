import {
  BadRequest,
  Conflict,
  Forbidden,
  NotFound,
  ServerFault,
  TooLarge,
  TooMany,
  Unauthenticated,
  Unavailable,
  type WireError
} from "@muster/domain"
import { Cause, type Duration, Effect, Schema } from "effect"
import * as HttpClientError from "effect/http/HttpClientError"
import type { FailureClass } from "../failure/ExitCode.ts"
import { Failure } from "../failure/Failure.ts"
import type { Connection } from "../profile/Connection.ts"
import { transportProblem } from "./TransportProblem.ts"

type Server = Pick<Connection, "url"> & { readonly tokenFrom?: string }

const fail = (kind: FailureClass, code: string, sentence: string, next: string) =>
  new Failure({ class: kind, code, sentence, next })

const signIn = ({ tokenFrom, url }: Server) =>
  tokenFrom === "MUSTER_TOKEN"
    ? "put a valid token of that server into MUSTER_TOKEN"
    : `sign in with a valid token: muster login --server ${url}`

/** Errors that the server said in its own words. */
const fromWire = (error: WireError, server: Server): Failure => {
  const { code, error: words } = error
  if (error instanceof Unauthenticated) {
    return fail("refused", code, `the server at ${server.url} does not accept the token (${words})`, signIn(server))
  }
  if (error instanceof Forbidden) return fail("refused", code, words, "ask an admin of the workspace, or the owner")
  if (error instanceof NotFound) {
    const next = code === "workspace_not_found"
      ? "choose a workspace of yours: muster login, or --workspace"
      : "see what there is: muster runtimes"
    return fail("notFound", code, words, next)
  }
  if (error instanceof BadRequest || error instanceof TooLarge) {
    return fail("usage", code, `the server refused the request: ${words}`, "see what the command takes: muster --help")
  }
  if (error instanceof Unavailable && code === "runtime_offline") {
    return fail("unanswered", code, words, "start the daemon on its machine: muster daemon")
  }
  if (error instanceof TooMany) {
    return fail("server", code, words, "wait until earlier requests are answered, then ask again")
  }
  if (error instanceof Conflict) {
    return fail("other", code, words, "wait until the other one is finished, then ask again")
  }
  return fail(
    "server",
    code,
    `the server at ${server.url} cannot answer: ${words}`,
    "see what is wrong with it: muster doctor"
  )
}

const noMuster = (server: Server, what: string) =>
  fail(
    "server",
    "unexpected_answer",
    `the server at ${server.url} ${what}`,
    "check that the URL is a Muster server's, of a version like this one's: muster doctor"
  )

const fromStatus = (status: number, server: Server): Failure => {
  if (status === 401) {
    return fail("refused", "unauthenticated", `the server at ${server.url} does not accept the token`, signIn(server))
  }
  if (status === 403) return fail("refused", "forbidden", `the server at ${server.url} forbids this`, signIn(server))
  return status >= 500
    ? fail(
      "server",
      "server_fault",
      `the server at ${server.url} cannot answer (HTTP ${status})`,
      "see what is wrong with it: muster doctor"
    )
    : noMuster(server, `does not answer as Muster does (HTTP ${status})`)
}

const isWireError = (error: unknown): error is WireError =>
  [BadRequest, Unauthenticated, Forbidden, NotFound, Conflict, TooLarge, TooMany, ServerFault, Unavailable]
    .some((type) => error instanceof type)

/** Whatever a call to the server ended with, as one sentence and what to do next. */
export const callFailure = (server: Server) => (error: unknown): Failure => {
  if (error instanceof Failure) return error
  if (isWireError(error)) return fromWire(error, server)
  if (Cause.isTimeoutError(error)) {
    return fail(
      "server",
      "server_silent",
      `the server at ${server.url} did not answer in time`,
      "see what is wrong with it: muster doctor"
    )
  }
  if (HttpClientError.isHttpClientError(error)) {
    const { reason } = error
    if (reason._tag === "TransportError" || reason._tag === "InvalidUrlError") {
      const why = transportProblem(reason.cause)
      return fail(
        "server",
        "server_unreachable",
        `cannot reach the server at ${server.url}: ${why}`,
        "is it running? try: npm start"
      )
    }
    if (reason._tag === "StatusCodeError") return fromStatus(reason.response.status, server)
  }
  if (Schema.isSchemaError(error) || HttpClientError.isHttpClientError(error)) {
    return noMuster(server, "gave an answer that this muster does not understand")
  }
  return fail(
    "other",
    "unexpected",
    "something went wrong that should not",
    "run it again with --log-level debug and report what it says"
  )
}

/** How long a call may take that the server answers at once. */
export const callTimeout: Duration.Input = "10 seconds"

/** A call to the server within a time, whose every error is a sentence. */
export const call =
  (server: Connection, within: Duration.Input = callTimeout) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    effect.pipe(Effect.timeout(within), Effect.mapError(callFailure(server)))
