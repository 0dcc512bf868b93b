import { Schema } from "effect"
import { CliVerdict } from "../../runtime/CliVerdict.ts"
import { Transport } from "../../runtime/Transport.ts"
import { limitTexts } from "../limitTexts.ts"
import type { RequestKind } from "../RequestKind.ts"

const payload = Schema.Struct({})

const Text = Schema.String.check(Schema.isMaxLength(1_024))

/**
 * What the daemon found. Times in ms by the daemon's clock; without a `cli_version` the CLI is broken, and `cli_error`
 * has the reason.
 */
const result = Schema.Struct({
  /** How the ping reached the daemon. */
  transport: Schema.optionalKey(Transport),
  /** From its receipt until it was ready to be reported. */
  held_ms: Schema.optionalKey(Schema.Finite),
  /** The output of the CLI's `--version`. */
  cli_version: Schema.optionalKey(Text),
  /** Why it cannot be run, in one sentence. */
  cli_error: Schema.optionalKey(Text),
  /** Which kind of failure `cli_error` is; absent: `broken`, the only kind that earlier daemons report. */
  cli_verdict: Schema.optionalKey(CliVerdict),
  /** How long the CLI took. */
  cli_ms: Schema.optionalKey(Schema.Finite)
})

/**
 * Checks whether the daemon answers, receives work and can run its CLI. A ping takes the path of work, so a daemon that
 * beats and does not receive work does not answer it.
 */
export const Ping = {
  name: "ping",
  path: "ping",
  payload,
  result,
  blank: {},
  asking: {
    scope: "ask",
    ask: "use",
    look: "see",
    online: true,
    needs: { capability: "ping", without: "cannot be pinged" }
  },
  terms: {
    // Longer than the widest interval of beats that the server sends (30 s), so a runtime without a socket can answer
    // in time.
    pending: 35_000,
    running: 10_000,
    retention: 60_000,
    deliveries: 1,
    redeliverAfter: 10_000,
    admission: { _tag: "Coalesce" },
    texts: limitTexts(35, 10)
  },
  ackField: "pending_ping"
} as const satisfies RequestKind<"ping", typeof payload, typeof result>
