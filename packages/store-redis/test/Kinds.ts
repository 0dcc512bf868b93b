import { RequestKind } from "@muster/domain"
import { Schema } from "effect"

const kind = (
  name: string,
  admission: RequestKind.Admission,
  terms: Partial<RequestKind.Terms>
): RequestKind.RequestKind => ({
  name,
  path: name,
  payload: Schema.Struct({}),
  result: Schema.Struct({}),
  blank: {},
  asking: { scope: "ask", ask: "use", look: "see", online: true },
  terms: {
    pending: 30_000,
    running: 60_000,
    retention: 120_000,
    deliveries: 2,
    redeliverAfter: 20_000,
    admission,
    texts: RequestKind.limitTexts(30, 60),
    ...terms
  },
  ackField: `pending_${name}`
})

/** Many at a time, each delivered up to twice. */
export const Crowd = kind("crowd", { _tag: "Many", max: 2_000 }, {})

/** One at a time, shared by all callers. */
export const Shared = kind("shared", { _tag: "Coalesce" }, {})

/** One at a time, delivered once. */
export const Lonely = kind("lonely", { _tag: "Exclusive", conflict: "one is under way" }, { deliveries: 1 })
