import type { LocalHealth } from "@muster/daemon"
import { ago } from "../output/Ago.ts"
import { printable } from "../output/Printable.ts"
import type { Style } from "../output/Style.ts"
import { table } from "../output/Table.ts"
import { skippedWord } from "../service/agentsText.ts"

/** `1 result`, `2 results`. */
export const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? "" : "s"}`

const clock = (skew: number | null) => {
  if (skew === null || Math.abs(skew) < 1_000) return ""
  return `; this machine's clock is ${Math.round(Math.abs(skew) / 1_000)} s ${skew > 0 ? "ahead of" : "behind"} it`
}

const outbox = ({ bytes, reports }: LocalHealth["outbox"]) =>
  reports === 0
    ? "empty"
    : `${plural(reports, "result")} (${Math.ceil(bytes / 1_024)} KiB) wait${reports === 1 ? "s" : ""} for the server`

const indent = (text: string) => text.split("\n").map((line) => `  ${line}`).join("\n")

/** How the daemon is, for a person. `now`: epoch ms. */
export const statusText = (health: LocalHealth, now: number, { bold, green, yellow }: Style): string => {
  const { clock_skew_ms, data_folder, pid, server_url, status, transport, uptime, why } = health
  const beats = health.runtimes.length === 0 ? "" : `, beats over ${transport === "socket" ? "the socket" : "HTTP"}`
  const runtimes = health.runtimes.map(({ last_beat_at, name, provider, version }) => [
    green("runtime"),
    printable(provider),
    printable(version) || "–",
    printable(name),
    `answered ${ago(last_beat_at, now)}`
  ])
  const skipped = health.skipped.map(({ provider, reason, verdict }) => [
    yellow(skippedWord(verdict)),
    printable(provider),
    printable(reason)
  ])
  return [
    bold(`Muster's daemon is ${status}: process ${pid}, for ${uptime}`),
    indent(table(["folder", printable(data_folder)], [
      ["server", `${printable(server_url)}${beats}${clock(clock_skew_ms)}`],
      ["outbox", outbox(health.outbox)],
      ...why === null ? [] : [[yellow("problem"), printable(why)]]
    ])),
    ...runtimes.length === 0 ? ["  no runtimes"] : [indent(table(runtimes[0]!, runtimes.slice(1)))],
    ...skipped.length === 0 ? [] : [indent(table(skipped[0]!, skipped.slice(1)))]
  ].join("\n")
}
