import { Clock, Effect, Option, Schema } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import { call } from "../api/Call.ts"
import { musterClient } from "../api/MusterClient.ts"
import { openSession } from "../api/Session.ts"
import type { Failure } from "../failure/Failure.ts"
import { printable } from "../output/Text.ts"
import type { Connection } from "../profile/Connection.ts"
import { secondDaemons } from "../runtime/SecondDaemons.ts"
import { type Check, failed, ok, warn } from "./Check.ts"

/** The verdicts of `/readyz` that are risks, not failures. */
const risks: ReadonlySet<string> = new Set(["at_risk", "limited"])

const caught = <R>(name: string, check: Effect.Effect<Check, Failure, R>) =>
  check.pipe(Effect.catch((failure) => Effect.succeed(failed(name)(failure))))

/** Describes the checks whose verdict counts, grouped by reason. */
const describeChecks = ({ checks = {}, reasons = {} }: ReadinessReport, counts: (verdict: string) => boolean) => {
  const named = new Map<string, Array<string>>()
  for (const [name, verdict] of Object.entries(checks)) {
    if (!counts(verdict)) continue
    const why = reasons[name] ?? verdict
    named.set(why, [...named.get(why) ?? [], name])
  }
  return [...named].map(([why, names]) => `${names.join(", ")}: ${why}`).join("; ")
}

/** Checks that the server is reachable and ready, that no store fails, and that nothing is at risk or limited. */
export const checkServer = (to: Connection) =>
  caught(
    "server",
    Effect.gen(function*() {
      const report = yield* readiness(to.url).pipe(call(to))
      const trouble = describeChecks(report, (verdict) => verdict !== "ok" && !risks.has(verdict))
      const risk = describeChecks(report, (verdict) => risks.has(verdict))
      if (report.status === "ok") {
        if (trouble === "" && risk !== "") {
          return warn("server", `${to.url} is ready, but ${printable(risk)}`, "inform the server's operator")
        }
        return trouble === ""
          ? ok("server", `${to.url} is ready (${printable(report.environment ?? "unknown environment")})`)
          : warn(
            "server",
            `${to.url} is ready, but some operations failed within the last minute: ${
              printable(risk === "" ? trouble : `${trouble}; ${risk}`)
            }`,
            "see the server's log"
          )
      }
      return {
        name: "server",
        status: "fail",
        finding: `the server at ${to.url} is not ready: ${
          printable(trouble === "" ? `its status is "${report.status}"` : trouble)
        }`,
        next: "see the server's log, and check that its database runs and accepts writes",
        class: "server"
      }
    })
  )

export const checkToken = (to: Connection) =>
  caught(
    "token",
    Effect.gen(function*() {
      const user = yield* (yield* musterClient(to)).access.me().pipe(call(to))
      return ok("token", `valid, belongs to ${printable(user.name)} (${printable(user.email)}); from ${to.tokenFrom}`)
    })
  )

export const checkWorkspaces = (to: Connection) =>
  caught(
    "workspaces",
    Effect.gen(function*() {
      const workspaces = yield* (yield* musterClient(to)).access.workspaces().pipe(call(to))
      const slugs = workspaces.map(({ slug }) => printable(slug)).join(", ")
      if (workspaces.length === 0) {
        return warn(
          "workspaces",
          "you are not a member of any workspace",
          "create one (muster workspaces create NAME), or ask an admin of one for an invitation"
        )
      }
      const chosen = to.workspace === undefined ||
        workspaces.some(({ id, slug }) => id === to.workspace || slug === to.workspace)
      return chosen
        ? ok("workspaces", slugs)
        : warn(
          "workspaces",
          `you are not a member of the profile's workspace; your workspaces: ${slugs}`,
          "choose one: muster login --workspace SLUG"
        )
    })
  )

export const checkRuntimes = (to: Connection) =>
  caught(
    "runtimes",
    Effect.gen(function*() {
      const { muster } = yield* openSession(Option.none())
      const all = yield* muster.runtimes.list({ query: {} }).pipe(call(to))
      const online = all.filter(({ status }) => status === "online")
      const [second] = secondDaemons(all, yield* Clock.currentTimeMillis)
      if (second !== undefined) {
        return warn("runtimes", second, "check that both machines are listed: muster runtimes")
      }
      const providers = [...new Set(online.map(({ provider }) => printable(provider)))].join(", ")
      return online.length > 0
        ? ok("runtimes", `${online.length} of ${all.length} online: ${providers}`)
        : warn(
          "runtimes",
          `none of ${all.length} is online`,
          "start a daemon on a machine with an agent CLI: muster daemon"
        )
    })
  )

/** The body of `/readyz`. Its status is 200 if people can use the server, else 503. */
export const ReadinessReport = Schema.Struct({
  status: Schema.String,
  environment: Schema.optionalKey(Schema.String),
  checks: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  reasons: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
})
export type ReadinessReport = typeof ReadinessReport.Type

const readiness = (url: string) =>
  Effect.flatMap(HttpClient.get(`${url}/readyz`), HttpClientResponse.schemaBodyJson(ReadinessReport))
