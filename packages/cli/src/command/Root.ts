import { Command, Flag } from "effect/cli"

/** The root of all commands, and the flag that all of them have. */
export const muster = Command.make("muster").pipe(
  Command.withSharedFlags({
    json: Flag.Boolean("json").pipe(
      Flag.withoutNegation,
      Flag.withDescription("Print exactly one JSON document on stdout, and nothing else there"),
      Flag.withDefault(false)
    )
  }),
  Command.withDescription("The control plane for coding-agent runtimes.")
)
