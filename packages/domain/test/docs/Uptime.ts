import { Schema } from "effect"
import { limitTexts } from "../../src/request/limitTexts.ts"
import type { RequestKind } from "../../src/request/RequestKind.ts"

const payload = Schema.Struct({})
const result = Schema.Struct({ seconds: Schema.optionalKey(Schema.Finite) })

export const Uptime = {
  name: "uptime",
  path: "uptime",
  payload,
  result,
  blank: {},
  asking: { ask: "member", look: "member", online: true },
  terms: {
    pending: 10_000,
    running: 10_000,
    retention: 60_000,
    deliveries: 1,
    redeliverAfter: 10_000,
    admission: { _tag: "Coalesce" },
    texts: limitTexts(10, 10)
  },
  ackField: "pending_uptime"
} as const satisfies RequestKind<"uptime", typeof payload, typeof result>
