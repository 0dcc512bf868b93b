import { Command, Flag } from "effect/cli"

/** The root command, with the flag that all commands share. */
export const muster = Command.make("muster").pipe(
  Command.withSharedFlags({
    json: Flag.Boolean("json").pipe(
      Flag.withoutNegation,
      Flag.withDescription("Print exactly one JSON document to stdout, and nothing else"),
      Flag.withDefault(false)
    )
  }),
  Command.withDescription("The control plane for coding-agent runtimes.")
)
