import { type Api, Kinds, PingLights } from "@muster/domain"
import { Clock, Console, Effect, type Option, String } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { openSession } from "../api/Session.ts"
import { Failure } from "../failure/Failure.ts"
import { type Style, style } from "../output/Style.ts"
import { table } from "../output/Table.ts"
import { ago } from "../output/Text.ts"
import { jsonText } from "../output/Text.ts"
import { printable } from "../output/Text.ts"
import { follow } from "../request/FollowRequest.ts"
import { makeProgress } from "../request/Progress.ts"
import { findRuntime } from "./FindRuntime.ts"
import { runtimeJson } from "./RuntimeJson.ts"

/** The age, in ms, below which a finding is of this ping and needs no time. */
const justNow = 30_000

const lightNames = ["transport", "receive", "execution"] as const

const shown = (lights: PingLights.PingLights, now: number, { dim, green, red, yellow }: Style) => {
  const states = {
    ok: green("ok"),
    starts: yellow("starts"),
    slow: yellow("slow"),
    unable: red("unable"),
    broken: red("broken"),
    unknown: dim("unknown")
  }
  const text = ({ at, text }: PingLights.Light) =>
    at === undefined || now - at < justNow ? text : `${text} (${ago(at, now)})`
  return table(
    ["LIGHT", "STATE", ""],
    lightNames.map((name) => [name, states[lights[name].state], printable(text(lights[name]))])
  )
}

const nexts: Record<Exclude<PingLights.PingLights["verdict"], "well">, string> = {
  offline: "start the daemon on its machine (muster daemon), then try again",
  unpingable: "update its daemon; other requests work: muster models, muster skills",
  notReceiving: "try again, since its machine may be asleep; then check that machine: muster doctor",
  silent: "try again; if there is still no answer, its machine may be asleep or overloaded, or its daemon too old",
  slowCli: "try again: the CLI may be starting up, or its machine is busy",
  unableCli: "use the CLI on that machine (is someone signed in?), then try again: muster models",
  brokenCli: "run the CLI on that machine, then try again"
}

const failure = (
  runtime: Api.RuntimeRecord,
  lights: PingLights.PingLights,
  document: Readonly<Record<string, unknown>>
) => {
  if (lights.verdict === "well") return undefined
  const why = lights.verdict === "brokenCli" || lights.verdict === "unableCli" || lights.verdict === "slowCli"
    ? `: ${lights.execution.text}`
    : lights.verdict === "unpingable"
    ? `: ${lights.receive.text}`
    : ""
  return new Failure({
    class: lights.verdict === "brokenCli" || lights.verdict === "unableCli" ? "failedThere" : "unanswered",
    code: lights.verdict === "offline"
      ? "runtime_offline"
      : `ping_${String.camelToSnake(lights.verdict)}`,
    sentence: `${runtime.name} ${lights.verdict === "unpingable" ? "" : "is "}${lights.text}${why}`,
    next: nexts[lights.verdict],
    details: document
  })
}

/** `muster ping`: sends a ping by the path that work takes and shows each part of that path separately. */
export const ping = Effect.fn("ping")(function*(input: {
  readonly runtime: string
  readonly workspace: Option.Option<string>
  readonly json: boolean
}) {
  const { connection, muster } = yield* openSession(input.workspace)
  const runtimes = yield* muster.runtimes.list({ query: {} }).pipe(call(connection))
  const runtime = yield* findRuntime(runtimes, input.runtime)
  const runtimeId = runtime.id
  // The list can be seconds old, so a runtime that it shows as offline is pinged too.
  const known = runtime.status === "offline" ? undefined : PingLights.withoutPing(runtime)
  const asked = follow({
    connection,
    limit: Kinds.Ping.terms.pending + Kinds.Ping.terms.running + 5_000,
    ask: muster.ping.ask({ params: { runtimeId } }),
    look: (requestId, query) => muster.ping.look({ params: { runtimeId, requestId }, query }),
    onChange: yield* makeProgress(Kinds.Ping)
  }).pipe(
    Effect.catchIf((failure) => failure.code === "runtime_offline", () => Effect.void)
  )
  const answer = known === undefined ? yield* asked : undefined
  const lights = known ?? (answer === undefined ? undefined : PingLights.fromPing(answer, runtime.cli ?? null)) ??
    PingLights.offline
  const document = {
    runtime: runtimeJson(runtime),
    request_id: answer?.id ?? null,
    verdict: lights.text,
    transport: lights.transport,
    receive: lights.receive,
    execution: lights.execution,
    way_ms: answer?.status === "completed" ? PingLights.wayOf(answer) : null,
    held_ms: answer?.held_ms ?? null,
    cli_ms: answer?.cli_ms ?? null
  }
  if (!input.json) {
    yield* Console.log(shown(lights, yield* Clock.currentTimeMillis, yield* style))
    // A runtime that answered is alive, so its last heartbeat does not matter.
    if (answer?.status !== "completed") {
      yield* Console.log(`last heartbeat: ${ago(runtime.lastSeenAt, yield* Clock.currentTimeMillis)}`)
    }
  }
  const failed = failure(runtime, lights, document)
  if (failed !== undefined) return yield* failed
  if (input.json) yield* Console.log(jsonText(document))
}, Effect.provide(FetchHttpClient.layer))
