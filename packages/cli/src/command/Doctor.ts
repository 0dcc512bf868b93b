import { Effect } from "effect"
import { Command } from "effect/cli"
import { muster } from "./Root.ts"

export const doctor = Command.make(
  "doctor",
  {},
  Effect.fnUntraced(function*() {
    const { json } = yield* muster
    const work = yield* Effect.promise(() => import("../doctor/Doctor.ts"))
    yield* work.doctor({ json })
  })
).pipe(
  Command.withDescription(
    "Check everything that Muster needs on this machine, and show how to fix what fails."
  ),
  Command.withShortDescription("Check that Muster works on this machine")
)
