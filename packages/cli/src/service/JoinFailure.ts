import { type JoinError } from "@muster/daemon"
import { Option, Schema } from "effect"
import { transportProblem } from "../api/TransportProblem.ts"
import { Failure } from "../failure/Failure.ts"

const Reason = Schema.fromJsonString(Schema.Struct({ error: Schema.String, code: Schema.String }))
const reasonOf = Schema.decodeUnknownOption(Reason)

const unlike = (url: string, status: number | null) =>
  new Failure({
    class: "server",
    code: "unexpected_answer",
    sentence: `the server at ${url} does not respond like Muster${status === null ? "" : ` (HTTP ${status})`}`,
    next: "check the URL; it is in the command that `muster machines add` printed"
  })

/** A sentence of the server, as what is wrong and what to do. */
const split = (error: string): readonly [string, string] => {
  const at = error.indexOf(": ")
  return at < 0 ? [error, "make another token: muster machines add"] : [error.slice(0, at), error.slice(at + 2)]
}

/** Why a machine could not join: one sentence and the next step. */
export const joinFailure = (url: string) => (error: JoinError): Failure => {
  switch (error._tag) {
    case "BadServerUrl":
      return new Failure({
        class: "usage",
        code: "invalid_server_url",
        sentence: error.message,
        next: "give the whole URL, such as http://muster.example:8080"
      })
    case "IdentityUnavailable":
    case "MachineFileUnusable":
      return new Failure({
        class: "cannotStart",
        code: "cannot_start_data_folder",
        sentence: error.message,
        next: "check that you own the folder and can write to it, or use another one: --data DIR"
      })
    case "Unreachable":
      return error.status !== null && error.status < 500 && error.status !== 429
        ? unlike(url, error.status)
        : new Failure({
          class: "server",
          code: "server_unreachable",
          sentence: `cannot reach the server at ${url}: ${transportProblem({ code: error.reason })}`,
          next: "check the URL, and that the server runs and this machine can reach it"
        })
    case "Refused": {
      const reason = reasonOf(error.body)
      if (Option.isNone(reason) || error.status === 404) return unlike(url, error.status)
      const [sentence, next] = split(reason.value.error)
      return new Failure({ class: "refused", code: reason.value.code, sentence, next })
    }
  }
}
