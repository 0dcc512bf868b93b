import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { start } from "./Daemon.ts"
import { muster } from "./Root.ts"

export const join = Command.make(
  "join",
  {
    url: Argument.String("url").pipe(Argument.withDescription("The server's URL")),
    token: Argument.String("token").pipe(
      Argument.withDescription("A join token (mjt_…) or a join key (mjk_…), as `muster machines` prints it")
    ),
    ...start,
    service: Flag.Boolean("service").pipe(
      Flag.withDescription("Install and start the daemon as a service, if one can run here (default)"),
      Flag.withDefault(true)
    ),
    start: Flag.Boolean("start").pipe(
      Flag.withDescription("Start the daemon (default)"),
      Flag.withDefault(true)
    )
  },
  Effect.fnUntraced(function*(input) {
    const { json } = yield* muster
    const work = yield* Effect.promise(() => import("../machine/JoinMachine.ts"))
    yield* work.join({ ...input, json })
  })
).pipe(
  Command.withDescription(
    "Join this machine to a server. The machine gets a credential of its own, saved in machine.json of the data folder " +
      "(mode 0600), and its daemon starts: as a service if one can run here, else in the background."
  ),
  Command.withShortDescription("Join this machine to a server"),
  Command.withExamples([{
    command: "muster join https://muster.example.com mjt_…",
    description: "As `muster machines add` prints it on another machine"
  }])
)
