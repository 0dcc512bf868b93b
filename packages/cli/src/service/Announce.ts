import type { DaemonSnapshot, DaemonStatus } from "@muster/daemon"
import type { CliVerdict } from "@muster/domain"
import { Console, Effect, Option } from "effect"
import { type Style, style } from "../output/Style.ts"
import { indent, jsonText, printable, table } from "../output/Text.ts"

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

/** A person waits this long for the whole story; what comes later is told later. */
const waitForAgents = "4 seconds"

const tell = (status: DaemonStatus["Service"]) =>
  Effect.gen(function*() {
    const snapshot = yield* status.snapshot
    yield* Console.log(`\n${agentsText(snapshot, yield* style)}\n\n${nextText(snapshot)}`)
  })

/** Says which agent CLIs the daemon serves, as soon as it knows; if that takes long, says so meanwhile. */
export const announceAgents = Effect.fnUntraced(function*(status: DaemonStatus["Service"]) {
  const ready = yield* Effect.timeoutOption(status.awaitReady, waitForAgents)
  if (Option.isSome(ready)) return yield* tell(status)
  const { problem } = yield* status.snapshot
  yield* Console.log(
    problem === null
      ? "\nStill looking for agent CLIs on this machine …"
      : `\nThe daemon is not connected yet: ${problem}; it keeps trying …`
  )
  yield* status.awaitReady
  yield* tell(status)
})

/** The same for scripts: one document, once everything is there or the wait is over. */
export const announceJson = Effect.fnUntraced(function*(
  document: Readonly<Record<string, unknown>>,
  status: Option.Option<DaemonStatus["Service"]>
) {
  if (Option.isNone(status)) return yield* Console.log(jsonText(document))
  yield* Effect.timeoutOption(status.value.awaitReady, waitForAgents)
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
