import type { Api } from "@muster/domain"
import { useQuery } from "@tanstack/react-query"
import { clientOf } from "../api/Client.ts"
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

/** The dialog of one request: its timeline, and why it is waiting or how it ended. */
const RequestDetails = ({ close, request, runtimeName }: {
  readonly request: Api.JournalRecord
  readonly runtimeName: string
  readonly close: () => void
}) => {
  const workspace = useWorkspace()
  const query = useQuery({
    queryKey: ["in", workspace, "requests", request.id],
    queryFn: ({ signal }) => run(clientOf(workspace).journal.explain({ params: { requestId: request.id } }), signal),
    refetchInterval: ({ state }) => state.data?.status === "pending" || state.data?.status === "running" ? 2_000 : false
  })
  const current = query.data ?? request
  return (
    <Modal title={`${kindName(request.kind)}, ${runtimeName}`} close={close} wide>
      <p>
        <b className={`tag ${statusTones[current.status]}`}>{statusNames[current.status]}</b>{" "}
        <code className="muted">{request.id}</code>
      </p>
      {query.data === undefined
        ? query.error === null
          ? <Loading what="the explanation" />
          : <Failure problem={query.error} again={() => void query.refetch()} />
        : <p>{query.data.text}</p>}
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
      {current.end?.error === undefined ? null : <p className="notice bad">{current.end.error}</p>}
      <div className="actions">
        <Button onClick={close} data-autofocus>Close</Button>
      </div>
    </Modal>
  )
}

export default RequestDetails
