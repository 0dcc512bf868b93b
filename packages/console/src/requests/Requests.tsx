import type { Api } from "@muster/domain"
import { useQuery } from "@tanstack/react-query"
import { lazy, Suspense, useState } from "react"
import { clientOf } from "../api/Client.ts"
import { members, runtimes as runtimesQuery } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { Ago } from "../ui/Ago.tsx"
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

const Requests = () => {
  useTitle("Requests")
  const workspace = useWorkspace()
  const { data: runtimes = [] } = useQuery(runtimesQuery(workspace))
  const { data: people = [] } = useQuery(members(workspace))
  const [open, setOpen] = useState<Api.JournalRecord>()
  const query = useQuery({
    queryKey: ["in", workspace, "requests"],
    queryFn: ({ signal }) => run(clientOf(workspace).journal.recent({ query: {} }), signal),
    refetchInterval: pollInterval
  })
  const requests = query.data?.requests ?? []
  const runtimeName = (id: string) => runtimes.find((one) => one.id === id)?.name ?? "a deleted runtime"
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
                  <button type="button" className="as-link" onClick={() => setOpen(request)}>
                    {kindName(request.kind)}
                  </button>
                  <span className="muted">{runtimeName(request.runtimeId)}</span>
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
        {open === undefined
          ? null
          : (
            <RequestDetails
              request={open}
              runtimeName={runtimeName(open.runtimeId)}
              close={() => setOpen(undefined)}
            />
          )}
      </Suspense>
    </>
  )
}

export default Requests
