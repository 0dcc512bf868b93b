import type { DaemonStatus } from "@muster/daemon"
import { Console, Effect, Option } from "effect"
import { jsonText } from "../output/Json.ts"
import { style } from "../output/Style.ts"
import { agentsText, nextText } from "./agentsText.ts"

/** A person waits this long for the whole story; what comes later is told later. */
const patience = "4 seconds"

const tell = (status: DaemonStatus["Service"]) =>
  Effect.gen(function*() {
    const snapshot = yield* status.snapshot
    yield* Console.log(`\n${agentsText(snapshot, yield* style)}\n\n${nextText(snapshot)}`)
  })

/** Says which agent CLIs the daemon serves, as soon as it knows; if that takes long, says so meanwhile. */
export const announceAgents = Effect.fnUntraced(function*(status: DaemonStatus["Service"]) {
  const ready = yield* Effect.timeoutOption(status.awaitReady, patience)
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
  yield* Effect.timeoutOption(status.value.awaitReady, patience)
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
