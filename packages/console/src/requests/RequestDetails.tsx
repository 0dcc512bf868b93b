import type { Api } from "@muster/domain"
import { useQuery } from "@tanstack/react-query"
import { clientOf } from "../api/Client.ts"
import { Problem } from "../api/Problem.ts"
import { run } from "../api/RunCall.ts"
import { fullTime } from "../ui/Ago.tsx"
import { Button } from "../ui/Button.tsx"
import { Modal } from "../ui/Modal.tsx"
import { Failure, Loading } from "../ui/State.tsx"
import { useWorkspace } from "../workspace/Workspace.ts"
import { kindName, statusNames, statusTones } from "./RequestLabels.ts"

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23"
})

const over = { socket: "over WebSocket", beat: "with a heartbeat" }
const ends = { completed: "Completed", failed: "Failed" }

interface Moment {
  readonly at: number
  readonly text: string
  readonly on?: string | null
  readonly coming?: boolean
}

/** Returns past and expected events of a request in order of time. */
const momentsOf = (
  request: Api.JournalRecord,
  explanation: Api.ExplanationRecord | undefined
): ReadonlyArray<Moment> => {
  const { createdAt, createdOn, deliveries, end } = request
  return [
    { at: createdAt, text: "Created", on: createdOn },
    ...deliveries.map(({ at, on, via }, i) => ({
      at,
      on,
      text: i === 0 ? `Claimed and delivered ${over[via]}` : `Delivered again ${over[via]}`
    })),
    ...(end === null ? [] : [{ at: end.at, on: end.on, text: ends[end.how] }]),
    ...(explanation?.coming ?? []).map(({ at, text }) => ({
      at,
      text: text.charAt(0).toUpperCase() + text.slice(1),
      coming: true
    }))
  ]
}

const titleOf = ({ kind, runtimeName }: Api.JournalRecord) =>
  runtimeName === null ? kindName(kind) : `${kindName(kind)}, ${runtimeName}`

/** The dialog of one request: its timeline, and why it is waiting or how it ended. */
const RequestDetails = ({ close, id, listed }: {
  readonly id: string
  /** The request as the list shows it; undefined if it is not in the list. */
  readonly listed: Api.JournalRecord | undefined
  readonly close: () => void
}) => {
  const workspace = useWorkspace()
  const query = useQuery({
    queryKey: ["in", workspace, "requests", id],
    queryFn: ({ signal }) => run(clientOf(workspace).journal.explain({ params: { requestId: id } }), signal),
    refetchInterval: ({ state }) => state.data?.status === "pending" || state.data?.status === "running" ? 2_000 : false
  })
  const current = query.data ?? listed
  const isAbsent = query.error instanceof Problem && query.error.code === "request_not_found"
  return (
    <Modal title={current === undefined ? "Request" : titleOf(current)} close={close} wide>
      <p>
        {current === undefined
          ? null
          : <b className={`tag ${statusTones[current.status]}`}>{statusNames[current.status]}</b>}{" "}
        <code className="muted">{id}</code>
      </p>
      {isAbsent
        ? <p>It is not one of the last 100 requests of this workspace, or it was made in another workspace.</p>
        : query.data === undefined
        ? query.error === null
          ? <Loading what="the explanation" />
          : <Failure problem={query.error} again={() => void query.refetch()} />
        : <p>{query.data.text}</p>}
      {current === undefined ? null : (
        <ol className="timeline" aria-label="Timeline">
          {momentsOf(current, query.data).map(({ at, coming, on, text }) => (
            <li key={`${at} ${text}`} data-coming={coming === true}>
              <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>{clock.format(at)}</time>
              <span>
                {text}
                {on == null ? null : <span className="muted">, on {on}</span>}
              </span>
            </li>
          ))}
        </ol>
      )}
      {current?.end?.error === undefined ? null : <p className="notice bad">{current.end.error}</p>}
      <div className="actions">
        <Button onClick={close} data-autofocus>Close</Button>
      </div>
    </Modal>
  )
}

export default RequestDetails
