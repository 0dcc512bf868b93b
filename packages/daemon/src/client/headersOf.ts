import { Effect, type Redacted } from "effect"
import { Identity } from "../identity/Identity.ts"
import { clientHeaders } from "./ClientHeaders.ts"
import { MachineAccess } from "./MachineAccess.ts"

/** Returns the headers of each call: with the machine's credential as it is then, else with the given token. */
export const headersOf = Effect.fnUntraced(function*(options: { readonly token: Redacted.Redacted }) {
  const identity = yield* Identity
  const machine = yield* MachineAccess
  const { platform } = process
  if (machine !== undefined) {
    return () => clientHeaders({ ...identity, token: machine.current(), platform, fingerprint: machine.fingerprint })
  }
  const headers = clientHeaders({ ...identity, token: options.token, platform, fingerprint: undefined })
  return () => headers
})
