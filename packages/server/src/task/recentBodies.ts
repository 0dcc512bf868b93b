import type { Store, Task, TaskEvent, TaskLog } from "@muster/domain"
import { Effect } from "effect"

/** The offset of no event: reading after it returns only where the log ends. */
export const beyond = 2 ** 31 - 1

/** Returns the last events of the present claim, oldest first, at most `max` (1 to 1,000). */
export const recentBodies = Effect.fnUntraced(function*(
  log: TaskLog.TaskLog["Service"],
  { epoch, id }: Task.Task,
  max: number
): Effect.fn.Return<ReadonlyArray<TaskEvent.Body>, Store.StoreUnavailable> {
  const { last } = yield* log.read(id, beyond, 1)
  const bodies: Array<TaskEvent.Body> = []
  let after = Math.max(0, last - max)
  while (after < last) {
    const { events } = yield* log.read(id, after, last - after)
    if (events.length === 0) break
    bodies.push(...events.filter((event) => event.epoch === epoch).map(({ body }) => body))
    after = events.at(-1)!.offset
  }
  return bodies
})
