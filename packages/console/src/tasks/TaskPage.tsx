import { type Api, ConsolePages } from "@muster/domain"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { task as taskQuery } from "../api/Queries.ts"
import { useInterval } from "../live/useLive.ts"
import { pathTo } from "../route/Route.ts"
import { fullTime, spanLeft } from "../ui/Ago.tsx"
import { Button } from "../ui/Button.tsx"
import { useNow } from "../ui/Clock.ts"
import { CopyButton } from "../ui/CopyButton.tsx"
import { Icon } from "../ui/Icon.tsx"
import { Link } from "../ui/Link.tsx"
import { Empty, Failure, Loading } from "../ui/State.tsx"
import { useTitle } from "../ui/useTitle.ts"
import { useWorkspace } from "../workspace/Workspace.ts"
import { displayText } from "./displayText.ts"
import { TaskActions } from "./TaskActions.tsx"
import { TaskDetails } from "./TaskDetails.tsx"
import { isTerminal, labelOf, titleOf, tokensOf } from "./TaskLabels.ts"
import { TaskLogCard } from "./TaskLog.tsx"
import { lastTaskSearch } from "./TaskSearch.ts"
import { useTaskLog } from "./useTaskLog.ts"

/** How often the sentence about an active task is renewed, in ms: it has times in it. */
const sentenceEvery = 5_000

const useTask = (id: string) => {
  const workspace = useWorkspace()
  const queries = useQueryClient()
  const interval = useInterval()
  const options = taskQuery(workspace, id)
  const query = useQuery({
    ...options,
    refetchInterval: ({ state: { data } }) =>
      data == null || !isTerminal(data.task) ? Math.min(interval, sentenceEvery) : false
  })
  return {
    query,
    /** The stream knows a new status before the page asks again. */
    note: (task: Api.TaskRecord) => {
      const known = queries.getQueryData(options.queryKey)
      if (known?.task.status === task.status) return
      void queries.invalidateQueries({ queryKey: options.queryKey })
    }
  }
}

const Next = ({ next: { at, text } }: { readonly next: NonNullable<Api.TaskExplanation["next"]> }) => {
  const left = at - useNow()
  return left <= 0 ? null : (
    <span className="muted" title={fullTime(at)}>
      {" "}In {spanLeft(left)}, {text}.
    </span>
  )
}

const noticeTones: Partial<Record<Api.TaskRecord["status"], string>> = { completed: "good", failed: "bad" }

/** Why the task is where it is, and what happens next by itself. */
const State = ({ explanation: { next, task, text } }: { readonly explanation: Api.TaskExplanation }) => (
  <>
    {/* The sentence has times, which would be read again and again. */}
    <p className="hidden" role="status">The task is {labelOf(task).name}.</p>
    <p className={`notice ${noticeTones[task.status] ?? ""}`}>
      <span>
        {displayText(text)}
        {next === null ? null : <Next next={next} />}
      </span>
    </p>
  </>
)

/** Beyond these, a text is folded. */
const short = { characters: 500, lines: 6 }

/** A prompt of one line that the title of the page shows in full. */
const isTitle = (prompt: string) => prompt.trim().length <= 80 && !prompt.trim().includes("\n")

/** A text of any length, which opens if it is long. */
const LongText = ({ what, text }: { readonly text: string; readonly what: string }) => {
  const [open, setOpen] = useState(false)
  const isLong = text.length > short.characters || text.split("\n", short.lines + 1).length > short.lines
  return (
    <>
      <div className={`long-text ${isLong && !open ? "long-cut" : ""}`}>{displayText(text)}</div>
      {isLong
        ? (
          <Button kind="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? "Show less" : `Show the whole ${what}`}
          </Button>
        )
        : null}
    </>
  )
}

const TextCard = ({ text, title, what }: { readonly title: string; readonly what: string; readonly text: string }) => (
  <section className="card" aria-label={title}>
    <header>
      <h2>{title}</h2>
      <CopyButton text={text} what={what} />
    </header>
    <LongText text={text} what={what} />
  </section>
)

const Head = ({ task }: { readonly task: Api.TaskRecord }) => {
  const { name, tone } = labelOf(task)
  const tokens = tokensOf(task)
  return (
    <header className="page-head">
      <div>
        <Link className="back muted" href={ConsolePages.all.tasks + lastTaskSearch()}>
          <Icon name="back" />Tasks
        </Link>
        <h1 className="task-title">{titleOf(task)}</h1>
        <p className="muted task-line">
          <b className={`tag ${tone}`}>{name}</b> on {task.runtimeName === null
            ? "a deleted runtime"
            : <Link href={pathTo.runtime(task.runtimeId)}>{task.runtimeName}</Link>}
          {tokens === undefined ? null : ` · ${tokens}`}
        </p>
      </div>
      <div className="tools">
        <TaskActions task={task} />
      </div>
    </header>
  )
}

const Found = ({ explanation, note }: {
  readonly explanation: Api.TaskExplanation
  readonly note: (task: Api.TaskRecord) => void
}) => {
  const { task } = explanation
  const log = useTaskLog(useWorkspace(), task.id, note)
  useTitle(titleOf(task))
  return (
    <>
      <Head task={task} />
      <State explanation={explanation} />
      <div className="columns">
        <div className="main-column">
          {isTitle(task.prompt) ? null : <TextCard title="Prompt" what="prompt" text={task.prompt} />}
          {isTerminal(task) && task.text !== null && task.text !== ""
            ? (
              <TextCard
                title={task.status === "completed" ? "Result" : "Partial result"}
                what="result"
                text={task.text}
              />
            )
            : null}
          <TaskLogCard log={log} task={task} />
        </div>
        <div className="side-column">
          <TaskDetails task={task} />
        </div>
      </div>
    </>
  )
}

/** The page of one task: its state, what was asked, its log as it grows, and its result. */
const TaskPage = ({ id }: { readonly id: string }) => {
  const { note, query } = useTask(id)
  if (query.data === undefined) {
    return query.error === null
      ? <Loading what="the task" />
      : <Failure problem={query.error} again={() => void query.refetch()} />
  }
  if (query.data === null) {
    return (
      <Empty icon="tasks" title="This task does not exist">
        <p>It is not known, or it belongs to another workspace.</p>
        <Link className="button" href={ConsolePages.all.tasks}>Go to the tasks</Link>
      </Empty>
    )
  }
  return <Found explanation={query.data} note={note} />
}

export default TaskPage
