import { cliNotes, Clis, type FoundClis, layerMachineClis } from "@muster/daemon"
import { Effect, Option, Stream } from "effect"
import { printable } from "../output/Printable.ts"
import { type Check, ok, warn } from "./Check.ts"

const nothing: FoundClis = { found: [], skipped: [], complete: true }

const listing = (words: ReadonlyArray<string>) => words.map(printable).join(", ")

/** The agent CLIs of this machine, as a daemon started here would find them. */
export const checkAgents: Effect.Effect<ReadonlyArray<Check>> = Effect.gen(function*() {
  const clis = yield* Clis
  const { found, skipped } = Option.getOrElse(yield* Stream.runLast(clis.look), () => nothing)
  const here = found.map((cli) =>
    [`${cli.provider} ${cli.version}`, ...cliNotes(cli).map((note) => `(${note})`)].join(" ")
  )
  return [
    found.length > 0
      ? ok("agents", `on this machine: ${listing(here)}`)
      : warn("agents", "no agent CLI on this machine can be used", "install one, such as: npm install -g opencode-ai"),
    ...skipped.map(({ provider, reason, verdict }) =>
      warn(
        `agent ${provider}`,
        printable(reason),
        verdict === "slow"
          ? "it is slow, not broken: a daemon on this machine asks it again every 2 minutes"
          : "a daemon on this machine leaves it out until this is put right"
      )
    )
  ]
}).pipe(Effect.provide(layerMachineClis))
