import { Effect, type Redacted } from "effect"
import { Identity } from "../identity/Identity.ts"
import { HostEnvironment } from "../process/HostEnvironment.ts"
import { clientHeaders } from "./ClientHeaders.ts"
import { MachineAccess } from "./MachineAccess.ts"
import { taskSlots } from "./taskSlots.ts"

/** Returns the headers of each call: with the machine's credential as it is then, else with the given token. */
export const headersOf = Effect.fnUntraced(function*(options: { readonly token: Redacted.Redacted }) {
  const identity = yield* Identity
  const machine = yield* MachineAccess
  const tasks = taskSlots(yield* HostEnvironment) > 0
  const { platform } = process
  if (machine !== undefined) {
    return () =>
      clientHeaders({ ...identity, token: machine.current(), platform, tasks, fingerprint: machine.fingerprint })
  }
  const headers = clientHeaders({ ...identity, token: options.token, platform, tasks, fingerprint: undefined })
  return () => headers
})
