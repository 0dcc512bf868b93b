import { type Store, Task, TaskLog, TaskQueue, Wake } from "@muster/domain"
import { Cache, Clock, Context, Duration, Effect, Layer, Option, Queue, RcMap, type Scope } from "effect"
import { beyond } from "./endOfLog.ts"
import { entriesOf, FollowedTask, type OlderEntries, type Position, type Step } from "./FollowedTask.ts"
import { makeTaskView } from "./TaskView.ts"

/** How often, in ms, a followed task is read without a wake. If every wake is lost, its readers are this late at most. */
const lookEvery = 2_000

/** How many events one read of the store returns. */
const page = 500

/** How many pages of older events (of about 1 MiB) are kept, and how long: readers that begin together share them. */
const pages = { capacity: 32, timeToLive: Duration.seconds(2) }

/** How long, in ms, the last messages of a v0.3.1 daemon may follow the end of its task. */
const lateEvents = 3_000

/** The silence after which a reader gets nothing, so that its caller sends a sign of life. */
const silence = Duration.seconds(15)

/** A reader's next step; it waits for a change for at most 15 s, and then has no frames. */
export type Read = (position: Position) => Effect.Effect<Step, Store.StoreUnavailable>

/**
 * Followers of tasks: one fiber per task that has readers on this replica, however many. It reads the store once per wake,
 * or each 2 s without one.
 */
export class TaskFollowers extends Context.Service<TaskFollowers, {
  /** Follows the task until the scope ends. None: there is no such task. */
  readonly follow: (
    id: Task.TaskId
  ) => Effect.Effect<Option.Option<Read>, Store.StoreUnavailable, Scope.Scope>
}>()("@muster/server/task/TaskFollowers") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const follow = yield* makeFollow
      const followed = yield* RcMap.make({ lookup: follow })
      return TaskFollowers.of({ follow: (id) => RcMap.get(followed, id) })
    })
  )
}

/** Returns a function that follows one task until the scope ends. */
const makeFollow = Effect.gen(function*() {
  const log = yield* TaskLog.TaskLog
  const queue = yield* TaskQueue.TaskQueue
  const wake = yield* Wake.Wake
  const view = yield* makeTaskView
  const older = yield* makeOlder(log)

  const readEvents = Effect.fnUntraced(function*(followed: FollowedTask, id: Task.TaskId) {
    while (true) {
      const { events, last } = yield* log.read(id, followed.last, page)
      if (events.length === 0) return
      followed.add(events)
      if (followed.last >= last) return
    }
  })

  /** Reads what is new. The events of a task that has ended are read after its record, so that none is missing. */
  const refresh = Effect.fnUntraced(function*(followed: FollowedTask, id: Task.TaskId) {
    yield* readEvents(followed, id)
    const found = yield* queue.find(id)
    if (Option.isNone(found)) return { exists: false, hasEnded: true }
    const task = found.value
    if (Task.isTerminal(task)) yield* readEvents(followed, id)
    if (followed.differs(task)) followed.show(task, yield* view.record(task))
    const { fenced, state } = task
    if (!("endedAt" in state)) return { exists: true, hasEnded: false }
    const isComplete = fenced || (yield* Clock.currentTimeMillis) >= state.endedAt + lateEvents
    return { exists: true, hasEnded: isComplete }
  })

  return Effect.fnUntraced(function*(id: Task.TaskId) {
    const wakes = yield* wake.subscribe([Wake.topic.task(id)])
    const followed = new FollowedTask((yield* log.read(id, beyond, 1)).last)
    const first = yield* refresh(followed, id)
    if (!first.exists) return Option.none<Read>()
    const again = Effect.gen(function*() {
      yield* Effect.timeoutOption(Queue.take(wakes), lookEvery)
      yield* Queue.clear(wakes)
      return (yield* refresh(followed, id)).hasEnded
    }).pipe(Effect.catch(() => Effect.as(Effect.sleep(lookEvery), false)))
    const end = Effect.sync(() => followed.end())
    yield* first.hasEnded
      ? end
      : Effect.forkScoped(Effect.andThen(Effect.repeat(again, { until: (hasEnded) => hasEnded }), end))
    return Option.some(makeRead(followed, (after) => older(id, after)))
  })
})

/** Returns a function that reads a page of older entries; calls for the same page share one read. */
const makeOlder = Effect.fnUntraced(function*(log: TaskLog.TaskLog["Service"]) {
  const kept = yield* Cache.make({
    ...pages,
    lookup: (key: string) => {
      const [id, after] = JSON.parse(key) as [Task.TaskId, number]
      return Effect.map(log.read(id, after, page), ({ events, first }): OlderEntries => ({
        entries: entriesOf(events),
        first
      }))
    }
  })
  return (id: Task.TaskId, after: number) => Cache.get(kept, JSON.stringify([id, after]))
})

const makeRead = (
  followed: FollowedTask,
  older: (after: number) => Effect.Effect<OlderEntries, Store.StoreUnavailable>
): Read =>
  Effect.fnUntraced(function*(position) {
    if (followed.isBefore(position)) return followed.stepFrom(position, yield* older(position.after))
    const change = followed.next
    const step = followed.stepFrom(position)
    if (step.frames.length > 0 || step.position === undefined) return step
    yield* Effect.timeoutOption(change, silence)
    return followed.isBefore(position) ? { frames: [], position } : followed.stepFrom(position)
  })
