import { Schema } from "effect"
import { limitTexts } from "../../src/request/limitTexts.ts"
import type { RequestKind } from "../../src/request/RequestKind.ts"

const payload = Schema.Struct({})
const result = Schema.Struct({ seconds: Schema.optionalKey(Schema.Finite) })

/** How long the runtime's machine has been running. */
export const Uptime = {
  name: "uptime",
  path: "uptime",
  payload,
  result,
  blank: {},
  asking: { scope: "ask", ask: "use", look: "see", online: true },
  terms: {
    pending: 20_000,
    running: 10_000,
    retention: 60_000,
    deliveries: 1,
    redeliverAfter: 10_000,
    admission: { _tag: "Coalesce" },
    texts: limitTexts(20, 10)
  },
  ackField: "pending_uptime"
} as const satisfies RequestKind<"uptime", typeof payload, typeof result>
