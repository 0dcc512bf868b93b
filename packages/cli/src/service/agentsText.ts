import type { DaemonSnapshot } from "@muster/daemon"
import type { CliVerdict } from "@muster/domain"
import { printable } from "../output/Printable.ts"
import type { Style } from "../output/Style.ts"
import { table } from "../output/Table.ts"

const indent = (text: string) => text.split("\n").map((line) => `  ${line}`).join("\n")

/** One CLI has a runtime in each workspace; people count CLIs. */
const served = ({ runtimes }: DaemonSnapshot) => [...new Map(runtimes.map((one) => [one.provider, one])).values()]

/** The version of a runtime is the one that the server was told. */
const told = ({ clis }: DaemonSnapshot, { provider, version }: DaemonSnapshot["runtimes"][number]) => ({
  provider,
  version,
  notes: clis.find((one) => one.provider === provider)?.notes ?? []
})

/** How a CLI that is left out is called: one that is slow is asked again every 2 minutes. */
export const skippedWord = (verdict: CliVerdict) => verdict === "slow" ? "slow" : "skipped"

/** The CLIs that were found and have no runtime yet. */
const unserved = ({ clis, runtimes }: DaemonSnapshot) =>
  clis.filter(({ provider }) => runtimes.every((one) => one.provider !== provider))

const row = (state: string, { notes, provider, version }: DaemonSnapshot["clis"][number]) => [
  state,
  printable(provider),
  [printable(version) || "–", ...(notes.length === 0 ? [] : [`(${printable(notes.join("; "))})`])].join(" ")
]

/** The agent CLIs of this machine: those that serve, with their versions, then those that do not, with the reasons. */
export const agentsText = (snapshot: DaemonSnapshot, { bold, green, yellow }: Style): string => {
  const rows = [
    ...served(snapshot).map((cli) => row(green("online"), told(snapshot, cli))),
    ...unserved(snapshot).map((cli) => row(yellow("waits"), cli)),
    ...snapshot.skipped.map(({ provider, reason, verdict }) => [
      yellow(skippedWord(verdict)),
      printable(provider),
      printable(reason)
    ])
  ]
  const problem = snapshot.problem === null ? [] : [`  ${yellow("problem")}  ${printable(snapshot.problem)}`]
  return [
    bold("Agent CLIs on this machine"),
    ...(rows.length === 0 ? ["  none found"] : [indent(table(rows[0]!, rows.slice(1)))]),
    ...problem
  ].join("\n")
}

/** What to try once there are runtimes, or how to get one. */
export const nextText = (snapshot: DaemonSnapshot): string => {
  const [first] = served(snapshot)
  if (first !== undefined) return `Try in a second shell: npx muster models ${printable(first.provider)}`
  if (snapshot.clis.length === 0) {
    return "Install an agent CLI, such as: npm install -g opencode-ai; it is found within 2 minutes"
  }
  return snapshot.problem === null
    ? "They are online as soon as the token's person is in a workspace; see: muster daemon status"
    : "They are online as soon as this is over; the daemon keeps trying"
}
