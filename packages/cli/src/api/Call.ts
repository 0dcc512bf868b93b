import { WireError } from "@muster/domain"
import { Cause, type Duration, Effect, Schema } from "effect"
import * as HttpClientError from "effect/http/HttpClientError"
import type { FailureClass } from "../failure/ExitCode.ts"
import { Failure } from "../failure/Failure.ts"
import { startCommand } from "../MainFile.ts"
import type { Connection } from "../profile/Connection.ts"
import { transportProblem } from "./TransportProblem.ts"

type Server = Pick<Connection, "url"> & { readonly tokenFrom?: string }

const fail = (kind: FailureClass, code: string, sentence: string, next: string) =>
  new Failure({ class: kind, code, sentence, next })

const signIn = ({ tokenFrom, url }: Server) =>
  tokenFrom === "MUSTER_TOKEN"
    ? "put a valid token of that server into MUSTER_TOKEN"
    : `sign in with a valid token: muster login --server ${url}`

/** How to list what was not found, by the first part of the error's code. */
const lists: Readonly<Record<string, string>> = {
  workspace: "choose one of your workspaces: muster workspaces, or --workspace",
  member: "list the members: muster members",
  repository: "list the repositories: muster repos",
  invitation: "list the invitations: muster invite list; or ask for a new link",
  machine: "list the machines: muster machines",
  key: "list the join keys: muster machines keys list",
  token: "list your tokens: muster token list",
  task: "list the tasks: muster tasks"
}

/** The next step for errors that have one of their own, by code. */
const nexts: Readonly<Record<string, string>> = {
  machine_draining: "use another machine, or end the drain: muster machines resume MACHINE",
  last_owner: "make another member an owner first: muster members role MEMBER owner",
  already_member: "list the members: muster members",
  invitation_pending: "list the pending invitations: muster invite list",
  repositories_full: "remove those that no agent needs: muster repos remove URL",
  slug_taken: "choose another one: --slug",
  idempotency_conflict: "use another key for another task: --idempotency-key",
  data_not_embedded: "back up the database with pg_dump, as docs/deploy.md describes",
  not_installation_owner: "put that token into MUSTER_TOKEN",
  email_taken: "sign in to that account first: muster login",
  invitation_of_another: "sign in as that person, or give that address: --email"
}

/** The failure for an error that the server reported. */
const fromWire = (error: WireError.WireError, server: Server): Failure => {
  const { code, error: reason } = error
  if (error instanceof WireError.Unauthenticated) {
    return fail("refused", code, `the server at ${server.url} does not accept the token (${reason})`, signIn(server))
  }
  if (error instanceof WireError.Forbidden) {
    const next = code === "scope_missing"
      ? `sign in with a token that has the scope: muster login --server ${server.url}`
      : nexts[code] ?? "ask an admin of the workspace, or the owner"
    return fail("refused", code, reason, next)
  }
  if (error instanceof WireError.NotFound) {
    return fail(
      "notFound",
      code,
      reason,
      lists[code.replace(/_not_found$/, "")] ?? "list the runtimes: muster runtimes"
    )
  }
  if (error instanceof WireError.Ended) {
    return fail("refused", code, reason, "ask an owner or admin for a new link: muster invite")
  }
  if (error instanceof WireError.BadRequest || error instanceof WireError.TooLarge) {
    return fail(
      "usage",
      code,
      `the server refused the request: ${reason}`,
      nexts[code] ?? "see the usage: muster --help"
    )
  }
  if (error instanceof WireError.Unavailable && code === "runtime_offline") {
    return fail("unanswered", code, reason, "start the daemon on its machine: muster daemon")
  }
  if (error instanceof WireError.TooMany) {
    return fail("server", code, reason, nexts[code] ?? "wait a little, then try again")
  }
  if (error instanceof WireError.Conflict) {
    return fail("other", code, reason, nexts[code] ?? "wait until the other request ends, then try again")
  }
  return fail(
    "server",
    code,
    `the server at ${server.url} cannot answer: ${reason}`,
    "check the server: muster doctor"
  )
}

const unexpectedAnswer = (server: Server, what: string) =>
  fail(
    "server",
    "unexpected_answer",
    `the server at ${server.url} ${what}`,
    "check that the URL is a Muster server of a similar version: muster doctor"
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
      "check the server: muster doctor"
    )
    : unexpectedAnswer(server, `does not respond like Muster (HTTP ${status})`)
}

const isWireError = (error: unknown): error is WireError.WireError =>
  [
    WireError.BadRequest,
    WireError.Unauthenticated,
    WireError.Forbidden,
    WireError.NotFound,
    WireError.Conflict,
    WireError.Ended,
    WireError.TooLarge,
    WireError.TooMany,
    WireError.ServerFault,
    WireError.Unavailable
  ]
    .some((type) => error instanceof type)

/** Returns the failure for an error of a call to the server: one sentence and the next step. */
const callFailure = (server: Server) => (error: unknown): Failure => {
  if (error instanceof Failure) return error
  if (isWireError(error)) return fromWire(error, server)
  if (Cause.isTimeoutError(error)) {
    return fail(
      "server",
      "server_silent",
      `the server at ${server.url} did not answer in time`,
      "check the server: muster doctor"
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
        `is it running? try: ${startCommand}`
      )
    }
    if (reason._tag === "StatusCodeError") return fromStatus(reason.response.status, server)
  }
  if (Schema.isSchemaError(error) || HttpClientError.isHttpClientError(error)) {
    return unexpectedAnswer(server, "returned a response that this version of muster cannot read")
  }
  return fail(
    "other",
    "unexpected",
    "an unexpected error occurred",
    "run it again with --log-level debug and report the output"
  )
}

/** The timeout of a call that the server answers immediately. */
const callTimeout: Duration.Input = "10 seconds"

/** Bounds a call to the server by a timeout and turns its errors into failures. */
export const call =
  (server: Connection, within: Duration.Input = callTimeout) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    effect.pipe(Effect.timeout(within), Effect.mapError(callFailure(server)))
