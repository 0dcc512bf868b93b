import { type Api, ConsolePages } from "@muster/domain"
import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { clientOf } from "../api/Client.ts"
import { members } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { useInterval } from "../live/useLive.ts"
import { pathTo } from "../route/Route.ts"
import { Ago } from "../ui/Ago.tsx"
import { Button } from "../ui/Button.tsx"
import { Link } from "../ui/Link.tsx"
import { Empty, Failure, Loading } from "../ui/State.tsx"
import { useTitle } from "../ui/useTitle.ts"
import { useWorkspace } from "../workspace/Workspace.ts"
import { displayLine } from "./displayText.ts"
import { RuntimeFilter } from "./RuntimeFilter.tsx"
import { labelOf, titleOf, tokensOf } from "./TaskLabels.ts"
import { parametersOf, type StatusGroup, type TaskSearch, useTaskSearch } from "./TaskSearch.ts"

const chips: ReadonlyArray<readonly [StatusGroup | undefined, string]> = [
  [undefined, "All"],
  ["queued", "Queued"],
  ["active", "Running"],
  ["completed", "Completed"],
  ["failed", "Failed"],
  ["canceled", "Canceled"]
]

interface FilterProps {
  readonly search: TaskSearch
  readonly change: (change: Partial<TaskSearch>) => void
}

const Filters = ({ change, search }: FilterProps) => (
  <div className="chips" role="group" aria-label="Filters">
    {chips.map(([status, name]) => (
      <button
        key={name}
        type="button"
        className="chip"
        aria-pressed={search.status === status}
        onClick={() => change({ status })}
      >
        {name}
      </button>
    ))}
    <button type="button" className="chip" aria-pressed={search.mine} onClick={() => change({ mine: !search.mine })}>
      Mine
    </button>
    <RuntimeFilter runtime={search.runtime} choose={(runtime) => change({ runtime })} />
  </div>
)

const Row = ({ person, task }: { readonly task: Api.TaskRecord; readonly person: string }) => {
  const { name, tone } = labelOf(task)
  return (
    <li className="row task-row">
      <b className={`tag ${tone}`}>{name}</b>
      <div className="row-name">
        <Link href={pathTo.task(task.id)}>{titleOf(task)}</Link>
        <span className="muted">
          <span className="task-runtime">{task.runtimeName ?? "a deleted runtime"}</span>
          {task.model === null ? null : <code>{displayLine(task.model)}</code>}
        </span>
      </div>
      <span className="muted small task-tokens">{tokensOf(task)}</span>
      <span className="muted small task-who">
        <span>{person}</span>, <Ago at={task.createdAt} />
      </span>
    </li>
  )
}

const None = ({ change, search }: FilterProps) =>
  search.status === undefined && search.runtime === "" && !search.mine && search.after === ""
    ? (
      <Empty icon="tasks" title="No tasks yet">
        <p>
          A task gives the agent of a runtime a piece of work. Open a runtime of the fleet and give it the first one, or
          use the command line:
        </p>
        <pre><code>muster run RUNTIME "what is to be done" --follow</code></pre>
        <Link className="button" href={ConsolePages.all.fleet}>Go to the fleet</Link>
      </Empty>
    )
    : (
      <Empty icon="search" title="No such tasks">
        <Button onClick={() => change({ status: undefined, runtime: "", mine: false })}>Show all tasks</Button>
      </Empty>
    )

/** Goes through the pages of the list. The way back is that of this visit; from a link, it goes to the newest tasks. */
const usePages = ({ change, search }: FilterProps) => {
  const [trail, setTrail] = useState<ReadonlyArray<string>>([])
  const go = (after: string) => {
    change({ after })
    scrollTo(0, 0)
  }
  return {
    older: (next: string) => {
      setTrail([...trail, search.after])
      go(next)
    },
    newer: () => {
      setTrail(trail.slice(0, -1))
      go(trail.at(-1) ?? "")
    }
  }
}

/** The tasks of the workspace, newest first. */
const Tasks = () => {
  useTitle("Tasks")
  const workspace = useWorkspace()
  const filter = useTaskSearch()
  const { change, search } = filter
  const { newer, older } = usePages(filter)
  const { data: people = [] } = useQuery(members(workspace))
  const parameters = parametersOf(search)
  const query = useQuery({
    queryKey: ["in", workspace, "tasks", parameters],
    queryFn: ({ signal }) => run(clientOf(workspace).tasks.list({ query: parameters }), signal),
    placeholderData: keepPreviousData,
    refetchInterval: useInterval()
  })
  const tasks = query.data?.tasks ?? []
  const next = query.data?.next ?? null
  return (
    <>
      <header className="page-head">
        <div>
          <h1>Tasks</h1>
          <p className="muted">The work that people gave this workspace’s agents, newest first.</p>
        </div>
      </header>
      <Filters change={change} search={search} />
      {query.data === undefined
        ? query.error === null
          ? <Loading what="the tasks" />
          : <Failure problem={query.error} again={() => void query.refetch()} />
        : tasks.length === 0
        ? <None change={change} search={search} />
        : (
          <ul className="rows" aria-busy={query.isPlaceholderData}>
            {tasks.map((task) => (
              <Row
                key={task.id}
                task={task}
                person={people.find(({ id }) => id === task.createdBy)?.name ?? "unknown"}
              />
            ))}
          </ul>
        )}
      {search.after === "" && next === null ? null : (
        <nav className="tools" aria-label="Pages">
          <Button disabled={search.after === ""} onClick={newer}>Newer</Button>
          <Button disabled={next === null} onClick={() => next === null ? undefined : older(next)}>Older</Button>
        </nav>
      )}
    </>
  )
}

export default Tasks
