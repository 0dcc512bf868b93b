import { type Api, RuntimeHistory } from "@muster/domain"
import { useQuery } from "@tanstack/react-query"
import { runtimeHistory } from "../api/Queries.ts"
import { momentNow } from "../ui/Clock.ts"
import { useWorkspace } from "../workspace/Workspace.ts"
import { historyText, stateOf } from "./HistoryText.ts"

/** The size of the chart in its own units: one bar per bucket, each with a gap. */
const [step, bar, height] = [4, 3, 40]

/** The height of a bar by its state, so that the states differ without color. */
const heights = { up: height, partly: height * 0.6, none: 4 } as const

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" })
const timeOf = (at: number): string => clock.format(at)

const Bars = ({ history, label }: { readonly history: Api.RuntimeHistoryRecord; readonly label: string }) => {
  const first = RuntimeHistory.oldestBucket(momentNow())
  return (
    <svg
      className="history-chart"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${RuntimeHistory.maxBuckets * step} ${height}`}
      preserveAspectRatio="none"
    >
      {history.buckets.map(({ at, up }) => {
        const state = stateOf(up)
        return (
          <rect
            key={at}
            data-state={state}
            x={(at - first) / RuntimeHistory.bucketMs * step}
            y={height - heights[state]}
            width={bar}
            height={heights[state]}
          />
        )
      })}
    </svg>
  )
}

/** The heartbeats of the last 24 h as a chart, with the same in words. */
export const History = ({ id }: { readonly id: string }) => {
  const workspace = useWorkspace()
  const { data: history, error } = useQuery(runtimeHistory(workspace, id))
  const text = history === undefined ? "" : historyText(history, timeOf)
  const slowest = Math.max(0, ...history?.buckets.map(({ maxMs }) => maxMs ?? 0) ?? [])
  return (
    <section className="card" aria-label="Last 24 hours">
      <header>
        <h2>Last 24 hours</h2>
      </header>
      {history === undefined
        ? error === null ? null : <p className="notice bad" role="alert">{error.message}.</p>
        : (
          <>
            <Bars history={history} label={`Heartbeats in the last 24 hours. ${text}`} />
            <p className="history-axis muted small" aria-hidden="true">
              <span>24 h ago</span>
              <span>now</span>
            </p>
            <p>{text}</p>
            <ul className="history-legend muted small" aria-label="Bars">
              <li data-state="up">online</li>
              <li data-state="partly">partly</li>
              <li data-state="none">no heartbeat</li>
            </ul>
            {slowest === 0 ?
              null :
              <p className="muted small">The server took at most {slowest} ms to process a heartbeat.</p>}
          </>
        )}
    </section>
  )
}
