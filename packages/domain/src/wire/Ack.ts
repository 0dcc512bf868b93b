import { Option, Predicate, Schema } from "effect"
import type { Json, Request } from "../request/Request.ts"
import { RequestId } from "../request/RequestId.ts"
import type { RequestKind } from "../request/RequestKind.ts"

/** One request as the ack of a beat carries it to the daemon. */
export interface Work {
  readonly kind: string
  readonly id: RequestId
  readonly payload: Json
}

/** The part of the payload that the daemon needs. */
const workOf = ({ work }: RequestKind, payload: Json): Json =>
  work === undefined ? payload : Object.fromEntries(work.flatMap((key) => key in payload ? [[key, payload[key]!]] : []))

/**
 * The fields of an ack that carry requests: one of a kind under its `ackField`; several under its `batch` field, with
 * the first of them in `ackField` too only if the daemon does not support batches.
 */
export const write = (
  kinds: ReadonlyArray<RequestKind>,
  requests: ReadonlyArray<Request>,
  batches: boolean
): Json => {
  if (requests.length === 0) return {}
  const fields: Record<string, Json | ReadonlyArray<Json>> = {}
  for (const kind of kinds) {
    const items = requests.filter((request) => request.kind === kind.name).map(({ id, payload }) => ({
      id,
      ...workOf(kind, payload)
    }))
    if (items.length === 0) continue
    if (kind.batch !== undefined && batches) fields[kind.batch.field] = items
    else fields[kind.ackField] = items[0]!
  }
  return fields as Json
}

const Item = Schema.StructWithRest(Schema.Struct({ id: RequestId }), [Schema.Record(Schema.String, Schema.Json)])
const decodeItem = Schema.decodeUnknownOption(Item)

/** The requests in an ack. Malformed ones and unknown kinds are left out. */
export const read = (kinds: ReadonlyArray<RequestKind>, ack: unknown): ReadonlyArray<Work> => {
  if (!Predicate.isObject(ack)) return []
  const fields = ack as Record<string, unknown>
  return kinds.flatMap((kind) => {
    const list = kind.batch === undefined ? undefined : fields[kind.batch.field]
    const items = Array.isArray(list) ? list : [fields[kind.ackField]]
    return items.flatMap((item) =>
      Option.match(decodeItem(item), {
        onNone: () => [],
        onSome: ({ id, ...payload }) => [{ kind: kind.name, id, payload: payload as Json }]
      })
    )
  })
}
