import type { Api, Identity } from "@muster/domain"
import { Duration, Effect, Stream } from "effect"
import { useEffect, useEffectEvent, useState } from "react"
import { clientOf } from "../api/Client.ts"
import { type Problem, problemOf } from "../api/Problem.ts"
import { isTemporary } from "../api/Queries.ts"
import { start } from "../api/RunCall.ts"
import { emptyTranscript, foldLog, type Transcript } from "./Transcript.ts"

/** The entries before the end of a log with which the page begins; earlier ones are read in pages. */
const beginWith = 1_500

/** The offset of no entry: a read after it returns only where the log ends. */
const beyond = 2 ** 31 - 1

/** How many items are folded at once, and how long the page waits for more of them. */
const batch = { items: 500, within: Duration.millis(60) }

/**
 * A connection without an item for this long is replaced: a computer that slept has connections that end without a notice.
 * A new connection gets the record at once.
 */
const silence = Duration.seconds(40)

/** How long the server may take until it begins to answer. */
const answerTimeout = Duration.seconds(15)

/** The pause before another connection, in ms: it grows while connections bring nothing. */
const pauseAfter = (empty: number) => Math.min(5_000, 250 * 2 ** Math.min(empty, 5))

/**
 * `connecting`: nothing was read yet. `cut`: the connection was lost, and the page connects again. `refused`: the server
 * refused to send the log; `over`: the task has ended and the page has the end of its log.
 */
type LogState =
  | { readonly _tag: "connecting" | "live" | "cut" | "over" }
  | { readonly _tag: "refused"; readonly problem: Problem }

const cut: LogState = { _tag: "cut" }

export interface TaskLog {
  /** Undefined: nothing was read yet. */
  readonly transcript: Transcript | undefined
  readonly state: LogState
}

/** What survives a connection. */
interface Hold {
  transcript: Transcript | undefined
  /** Whether the page has the end of the log. */
  over: boolean
  /** Whether the present connection has brought something. */
  isNew: boolean
}

interface Reader {
  readonly workspace: Identity.WorkspaceId
  readonly id: string
  readonly hold: Hold
  readonly show: (state: LogState) => void
  readonly onTask: (task: Api.TaskRecord) => void
}

/** Where the page begins to read a log of any length. */
const beginning = ({ id, workspace }: Reader) =>
  clientOf(workspace).tasks.events({ params: { taskId: id }, query: { after: `${beyond}`, limit: "1" } }).pipe(
    Effect.map(({ first, last }) => emptyTranscript(Math.max(0, first - 1, last - beginWith)))
  )

const take = ({ hold, onTask, show }: Reader, items: ReadonlyArray<Api.TaskStreamItem>) => {
  const entries = items.filter((item) => item.type !== "task")
  if (hold.transcript !== undefined) hold.transcript = foldLog(hold.transcript, entries)
  hold.isNew = true
  hold.over = items.some(({ type }) => type === "end")
  const record = items.findLast((item) => item.type === "task" || item.type === "end")
  if (record !== undefined) onTask(record.task)
  show({ _tag: hold.over ? "over" : "live" })
}

/** One connection: what follows the last entry that the page has, by `Last-Event-ID`, until it ends or is silent. */
const connect = Effect.fnUntraced(function*(reader: Reader) {
  const { hold, id, workspace } = reader
  hold.transcript ??= yield* Effect.timeout(beginning(reader), answerTimeout)
  const items = yield* clientOf(workspace).tasks.stream({
    params: { taskId: id },
    query: {},
    headers: { "last-event-id": `${hold.transcript.last}` }
  }).pipe(Effect.timeout(answerTimeout))
  yield* items.pipe(
    Stream.takeUntil(({ type }) => type === "end"),
    Stream.timeout(silence),
    Stream.groupedWithin(batch.items, batch.within),
    Stream.runForEach((some) => Effect.sync(() => take(reader, some)))
  )
  // The server ends each connection after a while, which is no news for people; one that brought nothing is.
  return hold.isNew ? undefined : cut
})

/** Follows the log until the task has ended: a connection that was lost is followed by another one. */
const follow = Effect.fnUntraced(function*(reader: Reader) {
  const { hold, show } = reader
  for (let empty = 0; !hold.over;) {
    hold.isNew = false
    const state = yield* connect(reader).pipe(
      Effect.catch((error) => {
        const problem = problemOf(error)
        return Effect.succeed<LogState>(isTemporary(problem) ? cut : { _tag: "refused", problem })
      })
    )
    if (hold.over) return
    if (state !== undefined) show(state)
    empty = hold.isNew ? 0 : empty + 1
    yield* Effect.sleep(pauseAfter(empty))
  }
})

/** The log of a task while the page shows it. `onTask` gets the record when its status changes. */
export const useTaskLog = (
  workspace: Identity.WorkspaceId,
  id: string,
  onTask: (task: Api.TaskRecord) => void
): TaskLog => {
  const noteTask = useEffectEvent(onTask)
  const [log, setLog] = useState<TaskLog>({ transcript: undefined, state: { _tag: "connecting" } })
  useEffect(() => {
    const hold: Hold = { transcript: undefined, over: false, isNew: false }
    const reader: Reader = {
      workspace,
      id,
      hold,
      onTask: (task) => noteTask(task),
      show: (state) => setLog({ transcript: hold.transcript, state })
    }
    let stop: (() => void) | undefined
    // A hidden page has no stream: browsers allow few connections per server for all pages together.
    const run = () => {
      stop?.()
      stop = document.hidden || hold.over ? undefined : start(follow(reader))
    }
    run()
    document.addEventListener("visibilitychange", run)
    return () => {
      document.removeEventListener("visibilitychange", run)
      stop?.()
    }
  }, [workspace, id])
  return log
}
