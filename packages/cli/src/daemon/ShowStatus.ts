import { howToJoin, type LocalHealth } from "@muster/daemon"
import { Clock, Console, Effect } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { Failure } from "../failure/Failure.ts"
import { type Style, style } from "../output/Style.ts"
import { table } from "../output/Table.ts"
import { ago, indent, jsonText, plural, printable } from "../output/Text.ts"
import { folder } from "../profile/Home.ts"
import { skippedLabel } from "../service/Announce.ts"
import { findDaemon, silent } from "./LocalDaemon.ts"

const clock = (skew: number | null) => {
  if (skew === null || Math.abs(skew) < 1_000) return ""
  return `; this machine's clock is ${Math.round(Math.abs(skew) / 1_000)} s ${skew > 0 ? "ahead of" : "behind"} it`
}

const outbox = ({ bytes, reports }: LocalHealth["outbox"]) =>
  reports === 0
    ? "empty"
    : `${plural(reports, "result")} (${Math.ceil(bytes / 1_024)} KiB) to send`

const credential = ({ credential: shown }: LocalHealth) => {
  if (shown === undefined || shown.kind === "daemon") return []
  if (shown.machine === null) return [["credential", howToJoin]]
  const { draining, expires_at, name } = shown.machine
  const until = new Date(expires_at).toISOString().slice(0, 10)
  return [
    ["machine", `${printable(name)}, its credential is valid until ${until} and renews itself`],
    ...(draining === null ? [] : [["draining", `no new work: ${printable(draining) || "no note"}`]])
  ]
}

/** Returns the daemon's status as text for people. `now`: epoch ms. */
export const statusText = (health: LocalHealth, now: number, { bold, green, yellow }: Style): string => {
  const { clock_skew_ms, data_folder, pid, server_url, status, transport, uptime, why } = health
  const beats = health.runtimes.length === 0 ? "" : `, heartbeats over ${transport === "socket" ? "WebSocket" : "HTTP"}`
  const runtimes = health.runtimes.map(({ last_beat_at, name, provider, version }) => [
    green("runtime"),
    printable(provider),
    printable(version) || "–",
    printable(name),
    `last heartbeat ${ago(last_beat_at, now)}`
  ])
  const skipped = health.skipped.map(({ provider, reason, verdict }) => [
    yellow(skippedLabel(verdict)),
    printable(provider),
    printable(reason)
  ])
  const names = new Map(health.runtimes.map(({ id, name }) => [id, name]))
  const tasks = (health.tasks ?? []).map(({ id, phase, runtime_id }) => [
    green("task"),
    id.slice(0, 8),
    printable(phase),
    printable(names.get(runtime_id) ?? "–")
  ])
  return [
    bold(`Muster's daemon is ${status}: process ${pid}, for ${uptime}`),
    indent(table(["folder", printable(data_folder)], [
      ["server", `${printable(server_url)}${beats}${clock(clock_skew_ms)}`],
      ["outbox", outbox(health.outbox)],
      ...credential(health),
      ...why === null ? [] : [[yellow("problem"), printable(why)]]
    ])),
    ...runtimes.length === 0 ? ["  no runtimes"] : [indent(table(runtimes[0]!, runtimes.slice(1)))],
    ...tasks.length === 0 ? [] : [indent(table(tasks[0]!, tasks.slice(1)))],
    ...skipped.length === 0 ? [] : [indent(table(skipped[0]!, skipped.slice(1)))]
  ].join("\n")
}

/** `muster daemon status`: prints the status of this profile's daemon, as the daemon reports it. */
export const daemonStatus = Effect.fnUntraced(function*(input: { readonly data: string; readonly json: boolean }) {
  const dataDir = yield* folder(input.data)
  const daemon = yield* findDaemon(dataDir)
  if (daemon._tag === "Silent") return yield* silent(daemon.pid)
  if (daemon._tag === "Stopped") {
    return yield* new Failure({
      class: "unanswered",
      code: "daemon_stopped",
      sentence: `no daemon runs for ${dataDir}`,
      next: "start one: muster daemon start",
      details: { status: "stopped" }
    })
  }
  yield* Console.log(
    input.json
      ? jsonText(daemon.health)
      : statusText(daemon.health, yield* Clock.currentTimeMillis, yield* style)
  )
}, Effect.provide(FetchHttpClient.layer))
