import { type Api, AuditLog, ConsolePages } from "@muster/domain"
import { useInfiniteQuery } from "@tanstack/react-query"
import { useState } from "react"
import { clientOf } from "../api/Client.ts"
import { run } from "../api/RunCall.ts"
import { Ago, fullTime } from "../ui/Ago.tsx"
import { Button } from "../ui/Button.tsx"
import { Icon } from "../ui/Icon.tsx"
import { Link } from "../ui/Link.tsx"
import { Failure, Loading } from "../ui/State.tsx"
import { useTitle } from "../ui/useTitle.ts"
import { useWorkspace } from "../workspace/Workspace.ts"

interface Filter {
  readonly actor: string
  readonly action: string
  readonly target: string
}

/** The filter's fields that are not empty, as the API takes them. */
const queryOf = (filter: Filter) =>
  Object.fromEntries(
    Object.entries(filter).map(([key, value]) => [key, value.trim()]).filter(([, value]) => value !== "")
  ) as Partial<Filter>

const useEvents = (filter: Filter) => {
  const workspace = useWorkspace()
  return useInfiniteQuery({
    queryKey: ["in", workspace, "audit", filter],
    queryFn: ({ pageParam, signal }) =>
      run(
        clientOf(workspace).audit.list({
          query: { ...queryOf(filter), ...(pageParam !== "" && { cursor: pageParam }) }
        }),
        signal
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined
  })
}

/** The subjects of actions: `token` of `token.create`. */
const subjects = [...new Set(AuditLog.AuditAction.literals.map((action) => action.split(".")[0]!))]

const actorOf = ({ actor }: Api.AuditRecord) =>
  actor.name ?? actor.id ?? (actor.kind === "server" ? "the server" : "unknown")

const detailsOf = ({ details }: Api.AuditRecord) =>
  Object.entries(details).map(([key, value]) => `${key}: ${value === null ? "none" : String(value)}`).join(", ")

const Row = ({ event }: { readonly event: Api.AuditRecord }) => {
  const details = detailsOf(event)
  return (
    <li className="row audit-row">
      <span className="muted small" title={fullTime(event.at)}>
        <Ago at={event.at} />
      </span>
      <span className={`tag ${AuditLog.isAuditRefusal(event.action) ? "bad" : ""}`}>{event.action}</span>
      <span className="audit-what">
        <b>{actorOf(event)}</b>
        {event.target === null ? null : ` → ${event.target.kind} ${event.target.name ?? event.target.id ?? ""}`}
        {details === "" ? null : <span className="muted small">{details}</span>}
      </span>
      <span className="muted small audit-from">
        {[event.address, event.credential === null ? null : event.credential.prefix ?? event.credential.kind].filter((
          part
        ) => part !== null).join(" · ")}
      </span>
    </li>
  )
}

const Filters = ({ change, filter }: { readonly filter: Filter; readonly change: (filter: Filter) => void }) => (
  <div className="tools filters" role="search" aria-label="Filter events">
    <select
      className="fit"
      aria-label="Subject"
      value={filter.action}
      onChange={({ target }) => change({ ...filter, action: target.value })}
    >
      <option value="">all subjects</option>
      {subjects.map((subject) => <option key={subject} value={subject}>{subject.replace("_", " ")}</option>)}
    </select>
    <input
      className="fit"
      aria-label="Person or machine"
      placeholder="Person or machine"
      maxLength={256}
      value={filter.actor}
      onChange={({ target }) => change({ ...filter, actor: target.value })}
    />
    <input
      className="fit"
      aria-label="Changed thing"
      placeholder="What was changed"
      maxLength={256}
      value={filter.target}
      onChange={({ target }) => change({ ...filter, target: target.value })}
    />
  </div>
)

/** The page of the audit log. */
const Audit = () => {
  useTitle("Audit log")
  const workspace = useWorkspace()
  const [filter, setFilter] = useState<Filter>({ actor: "", action: "", target: "" })
  const query = useEvents(filter)
  const events = query.data?.pages.flatMap((page) => page.events) ?? []
  const exported = new URLSearchParams({ ...queryOf(filter), format: "jsonl", workspace_id: workspace })
  return (
    <>
      <header className="page-head">
        <div>
          <Link className="back muted" href={ConsolePages.all.settings}>
            <Icon name="back" />Settings
          </Link>
          <h1>Audit log</h1>
          <p className="muted">Changes in this workspace and refused sign-ins, newest first.</p>
        </div>
        <a className="button" href={`/api/audit?${exported}`} download="audit.jsonl">Export as JSON lines</a>
      </header>
      <Filters filter={filter} change={setFilter} />
      {query.data === undefined
        ? query.error === null
          ? <Loading what="the audit log" />
          : <Failure problem={query.error} again={() => void query.refetch()} />
        : events.length === 0
        ? <p className="muted">No events match.</p>
        : (
          <>
            <ul className="rows">{events.map((event) => <Row key={event.id} event={event} />)}</ul>
            {query.hasNextPage
              ? (
                <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  Show more
                </Button>
              )
              : null}
          </>
        )}
    </>
  )
}

export default Audit
