import type { DaemonSnapshot, DaemonStatus } from "@muster/daemon"
import type { Runtime } from "@muster/domain"
import { Console, Effect, Option } from "effect"
import { type Style, style } from "../output/Style.ts"
import { table } from "../output/Table.ts"
import { indent, jsonText, printable } from "../output/Text.ts"

/** The CLIs that have runtimes: a CLI has one in each workspace, but is shown once. */
const served = ({ runtimes }: DaemonSnapshot) => [...new Map(runtimes.map((one) => [one.provider, one])).values()]

/** A CLI with the version that the server has. */
const withNotes = ({ clis }: DaemonSnapshot, { provider, version }: DaemonSnapshot["runtimes"][number]) => ({
  provider,
  version,
  notes: clis.find((one) => one.provider === provider)?.notes ?? []
})

/** Returns the label of a CLI without a runtime: `slow` if it is checked again every 2 minutes. */
export const skippedLabel = (verdict: Runtime.CliVerdict) => verdict === "slow" ? "slow" : "skipped"

/** The CLIs that were found but have no runtime yet. */
const unserved = ({ clis, runtimes }: DaemonSnapshot) =>
  clis.filter(({ provider }) => runtimes.every((one) => one.provider !== provider))

const row = (state: string, { notes, provider, version }: DaemonSnapshot["clis"][number]) => [
  state,
  printable(provider),
  [printable(version) || "–", ...(notes.length === 0 ? [] : [`(${printable(notes.join("; "))})`])].join(" ")
]

/** Returns the list of this machine's agent CLIs: those that are online with versions, then the others with reasons. */
export const agentsText = (snapshot: DaemonSnapshot, { bold, green, yellow }: Style): string => {
  const rows = [
    ...served(snapshot).map((cli) => row(green("online"), withNotes(snapshot, cli))),
    ...unserved(snapshot).map((cli) => row(yellow("waiting"), cli)),
    ...snapshot.skipped.map(({ provider, reason, verdict }) => [
      yellow(skippedLabel(verdict)),
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

/** Returns the next step: a command to try, or how to get a runtime. */
export const nextText = (snapshot: DaemonSnapshot): string => {
  const [first] = served(snapshot)
  if (first !== undefined) return `Try in a second shell: npx muster models ${printable(first.provider)}`
  if (snapshot.clis.length === 0 && snapshot.skipped.some(({ verdict }) => verdict === "slow")) {
    return "An agent CLI is slow to start on this busy machine; the daemon checks it again within 2 minutes"
  }
  if (snapshot.clis.length === 0 && snapshot.skipped.some(({ path }) => path !== undefined)) {
    return "Fix an agent CLI in this list; the daemon checks again every 2 minutes"
  }
  if (snapshot.clis.length === 0) {
    return "Install an agent CLI, for example: npm install -g opencode-ai; the daemon finds it within 2 minutes"
  }
  return snapshot.problem === null
    ? "The CLIs go online once the token's owner is a member of a workspace; see: muster daemon status"
    : "The CLIs go online once this is fixed; the daemon keeps trying"
}

/** How long to wait for the first registrations before printing an interim message. */
const readyTimeout = "4 seconds"

const printAgents = (status: DaemonStatus["Service"]) =>
  Effect.gen(function*() {
    const snapshot = yield* status.snapshot
    yield* Console.log(`\n${agentsText(snapshot, yield* style)}\n\n${nextText(snapshot)}`)
  })

/** Prints the daemon's agent CLIs once they are known, and an interim message if that takes long. */
export const announceAgents = Effect.fnUntraced(function*(status: DaemonStatus["Service"]) {
  const ready = yield* Effect.timeoutOption(status.awaitReady, readyTimeout)
  if (Option.isSome(ready)) return yield* printAgents(status)
  const { problem } = yield* status.snapshot
  yield* Console.log(
    problem === null
      ? "\nStill looking for agent CLIs on this machine …"
      : `\nThe daemon is not connected yet: ${problem}; it keeps trying …`
  )
  yield* status.awaitReady
  yield* printAgents(status)
})

/** Prints one JSON document once the daemon is ready or the timeout is over. */
export const announceJson = Effect.fnUntraced(function*(
  document: Readonly<Record<string, unknown>>,
  status: Option.Option<DaemonStatus["Service"]>
) {
  if (Option.isNone(status)) return yield* Console.log(jsonText(document))
  yield* Effect.timeoutOption(status.value.awaitReady, readyTimeout)
  const { problem, runtimes, skipped, state } = yield* status.value.snapshot
  yield* Console.log(jsonText({
    ...document,
    daemon: { state, problem },
    runtimes: runtimes.map(({ id, name, provider, version, workspaceId }) => ({
      id,
      workspace_id: workspaceId,
      name,
      provider,
      version
    })),
    skipped
  }))
})
