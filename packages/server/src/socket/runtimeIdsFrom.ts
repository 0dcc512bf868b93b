import { type Runtime, Uuid, WireError } from "@muster/domain"
import { Effect } from "effect"
import { queryOf } from "../http/queryOf.ts"

/** How many runtimes one socket may carry. */
const maxRuntimesPerSocket = 1_000

/**
 * Returns the runtimes of a socket: `runtime_ids` and `runtime_id`, each repeatable, each comma-separated. Returns each id
 * once, with the daemon's spelling, since acks repeat it exactly. Source: `docs/protocol.md` 6.1.
 */
export const runtimeIdsFrom = Effect.fnUntraced(function*(url: string) {
  const query = queryOf(url)
  const texts = [...query.getAll("runtime_ids"), ...query.getAll("runtime_id")]
    .flatMap((value) => value.split(","))
    .map((text) => text.trim())
    .filter((text) => text !== "")
  if (texts.length === 0) return yield* WireError.bad("runtime_ids required")
  const ids = new Map<Runtime.RuntimeId, string>()
  for (const text of texts) {
    const id = Uuid.parse(text)
    if (id === undefined) return yield* WireError.invalid("runtime_id")
    ids.set(id as Runtime.RuntimeId, text)
  }
  if (ids.size > maxRuntimesPerSocket) return yield* WireError.bad(`more than ${maxRuntimesPerSocket} runtime_ids`)
  return ids
})
