import { type Api, Quantity } from "@muster/domain"
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from "react"
import { changeSearch, useSearch } from "../route/Route.ts"
import { Button } from "../ui/Button.tsx"
import { useNow } from "../ui/Clock.ts"
import { Icon } from "../ui/Icon.tsx"
import { Loading } from "../ui/State.tsx"
import { displayLine } from "./displayText.ts"
import { LogBlock } from "./LogBlock.tsx"
import { LogPages, pageSize } from "./LogPages.tsx"
import { isTerminal, labelOf } from "./TaskLabels.ts"
import { runningCall, type Transcript } from "./Transcript.ts"
import type { TaskLog } from "./useTaskLog.ts"

/** How near to its end, in px, a log is followed. */
const near = 40

const number = new Intl.NumberFormat()

/** Keeps the end of a log in view while the person looks at it. Returns whether that is so, and how to go there. */
const useFollowing = (transcript: Transcript | undefined) => {
  const box = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLOListElement>(null)
  const [isAtEnd, setAtEnd] = useState(true)
  const scrollToEnd = () => {
    if (box.current !== null) box.current.scrollTop = box.current.scrollHeight
  }
  const measure = () => {
    if (box.current === null) return
    const { clientHeight, scrollHeight, scrollTop } = box.current
    setAtEnd(scrollHeight - scrollTop - clientHeight <= near)
  }
  useLayoutEffect(() => {
    if (isAtEnd) scrollToEnd()
  }, [isAtEnd, transcript])
  // A call that the person opened is not scrolled away; a window that became narrower stays at the end.
  const changed = useEffectEvent((isOtherWidth: boolean) => isOtherWidth && isAtEnd ? scrollToEnd() : measure())
  const hasContent = transcript !== undefined && transcript.blocks.length > 0
  useEffect(() => {
    if (content.current === null) return
    let width = 0
    const sizes = new ResizeObserver(([entry]) => {
      const before = width
      width = entry?.contentRect.width ?? 0
      changed(before !== width)
    })
    sizes.observe(content.current)
    return () => sizes.disconnect()
  }, [hasContent])
  const toEnd = () => {
    scrollToEnd()
    setAtEnd(true)
  }
  return { box, content, isAtEnd, measure, toEnd }
}

/** What the task does now, as the last line of its log. */
const Now = ({ task, transcript }: { readonly task: Api.TaskRecord; readonly transcript: Transcript }) => {
  const now = useNow()
  const call = runningCall(transcript)
  return (
    <span className="log-now">
      <span className="spinner" aria-hidden="true" />
      <span className="log-words">
        {[
          labelOf(task).name,
          task.startedAt === null ? undefined : Quantity.duration(now - task.startedAt),
          transcript.tokens === 0 ? undefined : `${Quantity.compact(transcript.tokens)} tokens`,
          call === undefined ? undefined : `${displayLine(call.title)} (${Quantity.duration(now - call.since)})`
        ].filter((part) => part !== undefined).join(" · ")}
      </span>
    </span>
  )
}

/** How the connection is, where that matters to the reader. */
const Connection = ({ state }: Pick<TaskLog, "state">) =>
  state._tag === "cut"
    ? <span className="log-cut">Connection lost. The page connects again and continues where it was.</span>
    : state._tag === "refused"
    ? <span className="log-cut">{state.problem.message}. The page tries again.</span>
    : null

const LiveLog = ({ log: { state, transcript }, task }: { readonly log: TaskLog; readonly task: Api.TaskRecord }) => {
  const { box, content, isAtEnd, measure, toEnd } = useFollowing(transcript)
  if (transcript === undefined) {
    return state._tag === "refused"
      ? <p className="notice bad" role="alert">{state.problem.message}.</p>
      : <Loading what="the log" />
  }
  const { blocks, from } = transcript
  return (
    <>
      <div className="log" ref={box} onScroll={measure} tabIndex={0} role="region" aria-label="Entries of the log">
        {from === 0 ? null : (
          <p className="log-earlier">
            <span>The first {number.format(from)} entries are not on this page.</span>
            <Button kind="quiet" onClick={() => changeSearch(`?after=${Math.max(0, from - pageSize)}`, true)}>
              Show earlier entries
            </Button>
          </p>
        )}
        {blocks.length === 0
          ? <p className="muted">{isTerminal(task) ? "The log is empty." : "There are no entries yet."}</p>
          : <ol ref={content}>{blocks.map((block) => <LogBlock key={block.key} block={block} />)}</ol>}
      </div>
      <p className="log-foot">
        <Connection state={state} />
        {isTerminal(task) || state._tag === "cut" || state._tag === "refused"
          ? null
          : <Now task={task} transcript={transcript} />}
        {isAtEnd ? null : (
          <Button onClick={toEnd}>
            <Icon name="down" />To the end
          </Button>
        )}
      </p>
    </>
  )
}

/** The offset in the address of the page, behind which entries are shown; undefined: the end of the log is shown. */
const useAfter = (): number | undefined => {
  const text = new URLSearchParams(useSearch()).get("after")
  const after = Number(text)
  return text !== null && text !== "" && Number.isInteger(after) && after >= 0 && after < 2 ** 31 ? after : undefined
}

/** The log of a task: its end, live, or a page of earlier entries. */
export const TaskLogCard = ({ log, task }: { readonly log: TaskLog; readonly task: Api.TaskRecord }) => {
  const after = useAfter()
  return (
    <section className="card log-card" aria-label="Log">
      <header>
        <h2>Log</h2>
        {log.state._tag === "live" && after === undefined
          ? (
            <span className="muted small log-live">
              <i aria-hidden="true" />live
            </span>
          )
          : null}
      </header>
      {after === undefined ? <LiveLog log={log} task={task} /> : <LogPages after={after} task={task} />}
    </section>
  )
}
