import type { Api, TaskEvent } from "@muster/domain"
import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { clientOf } from "../api/Client.ts"
import { run } from "../api/RunCall.ts"
import { changeSearch } from "../route/Route.ts"
import { Button } from "../ui/Button.tsx"
import { Failure, Loading } from "../ui/State.tsx"
import { useWorkspace } from "../workspace/Workspace.ts"
import { LogBlock } from "./LogBlock.tsx"
import { emptyTranscript, foldLog } from "./Transcript.ts"

/** The entries of one page, which are all within the bounds of a transcript: at most 32 KiB each. */
export const pageSize = 250

interface LogPage {
  readonly events: ReadonlyArray<TaskEvent.TaskEvent>
  /** The offset of the last entry of the log. */
  readonly last: number
}

/** A page as it is shown. `start` and `end`: the offsets of its first and last entry; undefined: it has none. */
const shownPage = ({ events, last }: LogPage) => {
  const items = events.map((event) => ({ type: "event", event }) as const)
  const start = events[0]?.offset
  return { blocks: foldLog(emptyTranscript((start ?? 1) - 1), items).blocks, start, end: events.at(-1)?.offset, last }
}

const number = new Intl.NumberFormat()

/** Shows the entries behind an offset; undefined: the end of the log. */
const goTo = (offset: number | undefined) => () =>
  changeSearch(offset === undefined ? "" : `?after=${Math.max(0, offset)}`, true)

/** A page of the log: the entries behind an offset. They do not change, but the log may still grow. */
export const LogPages = ({ after, task: { id } }: { readonly after: number; readonly task: Api.TaskRecord }) => {
  const workspace = useWorkspace()
  const query = useQuery({
    queryKey: ["log", id, after],
    queryFn: ({ signal }) =>
      run(
        clientOf(workspace).tasks.events({
          params: { taskId: id },
          query: { after: `${after}`, limit: `${pageSize}` }
        }),
        signal
      ),
    select: shownPage,
    placeholderData: keepPreviousData,
    gcTime: 0
  })
  if (query.data === undefined) {
    return query.error === null
      ? <Loading what="the entries" />
      : <Failure problem={query.error} again={() => void query.refetch()} />
  }
  const { blocks, end, last, start } = query.data
  return (
    <>
      <nav className="log-pages" aria-label="Pages of the log">
        <span role="status">
          {start === undefined || end === undefined
            ? "There are no entries here"
            : `Entries ${number.format(start)} to ${number.format(end)} of ${number.format(last)}`}
        </span>
        <Button disabled={after === 0} onClick={goTo(0)}>First</Button>
        <Button disabled={after === 0} onClick={goTo(after - pageSize)}>Earlier</Button>
        <Button disabled={end === undefined || end >= last} onClick={goTo(end)}>Later</Button>
        <Button kind="primary" onClick={goTo(undefined)}>End of the log</Button>
      </nav>
      <div
        className="log"
        tabIndex={0}
        role="region"
        aria-label="Entries of the log"
        aria-busy={query.isPlaceholderData}
      >
        <ol>{blocks.map((block) => <LogBlock key={block.key} block={block} />)}</ol>
      </div>
    </>
  )
}
