import { type Api, ConsolePages } from "@muster/domain"
import { useQuery } from "@tanstack/react-query"
import { lazy, Suspense } from "react"
import { clientOf } from "../api/Client.ts"
import { members } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { navigate, pathTo } from "../route/Route.ts"
import { Ago } from "../ui/Ago.tsx"
import { Link } from "../ui/Link.tsx"
import { Empty, Failure, Loading } from "../ui/State.tsx"
import { useTitle } from "../ui/useTitle.ts"
import { useWorkspace } from "../workspace/Workspace.ts"
import { kindName, statusNames, statusTones } from "./RequestLabels.ts"

const RequestDetails = lazy(() => import("./RequestDetails.tsx"))

/** Returns how long a settled request took; empty for others. */
export const tookOf = ({ createdAt, end }: Api.JournalRecord): string => {
  if (end === null) return ""
  const ms = Math.max(0, end.at - createdAt)
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`
}

/** The polling interval in ms: there are no events for the progress of requests. */
const pollInterval = 2_000

/** Shows the runtime of a request by the name that the journal has. */
const RuntimeOf = ({ request: { runtimeGone, runtimeName } }: { readonly request: Api.JournalRecord }) => (
  <span className="muted">
    <span>{runtimeName ?? "a runtime without a known name"}</span>
    {runtimeGone === true ? <b className="tag">deleted</b> : null}
  </span>
)

/** The last requests. `open`: the id of the request whose details are shown; empty if none is. */
const Requests = ({ open }: { readonly open: string }) => {
  useTitle("Requests")
  const workspace = useWorkspace()
  const { data: people = [] } = useQuery(members(workspace))
  const query = useQuery({
    queryKey: ["in", workspace, "requests"],
    queryFn: ({ signal }) => run(clientOf(workspace).journal.recent({ query: {} }), signal),
    refetchInterval: pollInterval
  })
  const requests = query.data?.requests ?? []
  return (
    <>
      <header className="page-head">
        <div>
          <h1>Requests</h1>
          <p className="muted">The last 100 requests to this workspace’s runtimes.</p>
        </div>
      </header>
      {query.data === undefined
        ? query.error === null
          ? <Loading what="the requests" />
          : <Failure problem={query.error} again={() => void query.refetch()} />
        : requests.length === 0
        ? (
          <Empty icon="requests" title="No requests yet">
            <p>For example, open the models of a runtime.</p>
          </Empty>
        )
        : (
          <ul className="rows">
            {requests.map((request) => (
              <li key={request.id} className="row request-row">
                <b className={`tag ${statusTones[request.status]}`}>{statusNames[request.status]}</b>
                <div className="row-name">
                  <Link className="as-link" href={pathTo.request(request.id)}>{kindName(request.kind)}</Link>
                  <RuntimeOf request={request} />
                </div>
                <span className="muted small">{tookOf(request)}</span>
                <span className="muted small">
                  {people.find(({ id }) => id === request.createdBy)?.name ?? "unknown"}, <Ago at={request.createdAt} />
                </span>
              </li>
            ))}
          </ul>
        )}
      <Suspense>
        {open === ""
          ? null
          : (
            <RequestDetails
              key={open}
              id={open}
              listed={requests.find(({ id }) => id === open)}
              close={() => navigate(ConsolePages.all.requests)}
            />
          )}
      </Suspense>
    </>
  )
}

export default Requests
