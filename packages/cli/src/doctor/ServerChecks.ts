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

/** What `/readyz` says of what works and may fail soon, and of what works less well than it could. */
const mild: ReadonlySet<string> = new Set(["at_risk", "limited"])

const caught = <R>(name: string, check: Effect.Effect<Check, Failure, R>) =>
  check.pipe(Effect.catch((failure) => Effect.succeed(failed(name)(failure))))

/** The checks with this verdict, each with its reason; those that fail for one reason share it. */
const those = ({ checks = {}, reasons = {} }: ReadinessReport, counts: (says: string) => boolean) => {
  const named = new Map<string, Array<string>>()
  for (const [name, says] of Object.entries(checks)) {
    if (!counts(says)) continue
    const why = reasons[name] ?? says
    named.set(why, [...named.get(why) ?? [], name])
  }
  return [...named].map(([why, names]) => `${names.join(", ")}: ${why}`).join("; ")
}

/** Reachable, ready by its own word, no store of it fails, and nothing is limited. */
export const checkServer = (to: Connection) =>
  caught(
    "server",
    Effect.gen(function*() {
      const report = yield* readiness(to.url).pipe(call(to))
      const trouble = those(report, (says) => says !== "ok" && !mild.has(says))
      const risk = those(report, (says) => mild.has(says))
      if (report.status === "ok") {
        if (trouble === "" && risk !== "") {
          return warn("server", `${to.url} is ready, but ${printable(risk)}`, "tell whoever runs it")
        }
        return trouble === ""
          ? ok("server", `${to.url} is ready (${printable(report.environment ?? "of another kind")})`)
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
        says: `the server at ${to.url} is not ready: ${
          printable(trouble === "" ? `it says "${report.status}"` : trouble)
        }`,
        next: "see the server's own log, and that its database runs and accepts writes",
        class: "server"
      }
    })
  )

export const checkToken = (to: Connection) =>
  caught(
    "token",
    Effect.gen(function*() {
      const user = yield* (yield* musterClient(to)).access.me().pipe(call(to))
      return ok("token", `valid, of ${printable(user.name)} (${printable(user.email)}); from ${to.tokenFrom}`)
    })
  )

export const checkWorkspaces = (to: Connection) =>
  caught(
    "workspaces",
    Effect.gen(function*() {
      const workspaces = yield* (yield* musterClient(to)).access.workspaces().pipe(call(to))
      const slugs = workspaces.map(({ slug }) => printable(slug)).join(", ")
      if (workspaces.length === 0) {
        return warn("workspaces", "you are in no workspace", "ask an admin there to add you to one")
      }
      const chosen = to.workspace === undefined ||
        workspaces.some(({ id, slug }) => id === to.workspace || slug === to.workspace)
      return chosen
        ? ok("workspaces", slugs)
        : warn(
          "workspaces",
          `the profile's workspace is none of yours (${slugs})`,
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
        return warn("runtimes", second, "see whether both machines are listed: muster runtimes")
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

/** What `/readyz` says, with status 200 where a person can use the server and 503 where not. */
export const ReadinessReport = Schema.Struct({
  status: Schema.String,
  environment: Schema.optionalKey(Schema.String),
  checks: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  reasons: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
})
export type ReadinessReport = typeof ReadinessReport.Type

export const readiness = (url: string) =>
  Effect.flatMap(HttpClient.get(`${url}/readyz`), HttpClientResponse.schemaBodyJson(ReadinessReport))
