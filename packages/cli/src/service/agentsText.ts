import type { DaemonSnapshot } from "@muster/daemon"
import { printable } from "../output/Printable.ts"
import type { Style } from "../output/Style.ts"
import { table } from "../output/Table.ts"

const indent = (text: string) => text.split("\n").map((line) => `  ${line}`).join("\n")

/** One CLI has a runtime in each workspace; people count CLIs. */
const clis = ({ runtimes }: DaemonSnapshot) => [...new Map(runtimes.map((one) => [one.provider, one])).values()]

/** The agent CLIs of this machine: those that serve, with their versions, then those that do not, with the reasons. */
export const agentsText = (snapshot: DaemonSnapshot, { bold, green, yellow }: Style): string => {
  const found = clis(snapshot).map((
    { provider, version }
  ) => [green("online"), printable(provider), printable(version) || "–"])
  const skipped = snapshot.skipped.map((
    { provider, reason }
  ) => [yellow("skipped"), printable(provider), printable(reason)])
  const rows = [...found, ...skipped]
  const problem = snapshot.problem === null ? [] : [`  ${yellow("problem")}  ${printable(snapshot.problem)}`]
  return [
    bold("Agent CLIs on this machine"),
    ...(rows.length === 0 ? ["  none found"] : [indent(table(rows[0]!, rows.slice(1)))]),
    ...problem
  ].join("\n")
}

/** What to try once there are runtimes, or how to get one. */
export const nextText = (snapshot: DaemonSnapshot): string => {
  const [first] = clis(snapshot)
  return first === undefined
    ? "Install an agent CLI, such as: npm install -g opencode-ai; it is found within 2 minutes"
    : `Try in a second shell: npx muster models ${printable(first.provider)}`
}
