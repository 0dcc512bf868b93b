import type { Store, Task, TaskEvent, TaskLog } from "@muster/domain"
import { Effect } from "effect"

/** The offset of no event: reading after it returns only where the log ends. */
export const beyond = 2 ** 31 - 1

/** The end of a log. */
export interface LogEnd {
  /** The last events of the present claim, oldest first. */
  readonly bodies: ReadonlyArray<TaskEvent.Body>
  /** The offset of the last event; 0: there is none. */
  readonly last: number
}

/** Returns the end of a task's log, with at most `max` (1 to 1,000) events. */
export const endOfLog = Effect.fnUntraced(function*(
  log: TaskLog.TaskLog["Service"],
  { epoch, id }: Task.Task,
  max: number
): Effect.fn.Return<LogEnd, Store.StoreUnavailable> {
  const { last } = yield* log.read(id, beyond, 1)
  const bodies: Array<TaskEvent.Body> = []
  let after = Math.max(0, last - max)
  while (after < last) {
    const { events } = yield* log.read(id, after, last - after)
    if (events.length === 0) break
    bodies.push(...events.filter((event) => event.epoch === epoch).map(({ body }) => body))
    after = events.at(-1)!.offset
  }
  return { bodies, last }
})
