import { type Api, Quantity, Runtime } from "@muster/domain"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { members } from "../api/Queries.ts"
import { pathTo } from "../route/Route.ts"
import { fullTime } from "../ui/Ago.tsx"
import { useNow } from "../ui/Clock.ts"
import { Link } from "../ui/Link.tsx"
import { useWorkspace } from "../workspace/Workspace.ts"
import { displayLine } from "./displayText.ts"
import { isTerminal } from "./TaskLabels.ts"

const number = new Intl.NumberFormat()

const Field = ({ children, name }: { readonly name: string; readonly children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

const Took = ({ task }: { readonly task: Api.TaskRecord }) => {
  const now = useNow()
  if (task.startedAt === null) return <>not started</>
  return <>{Quantity.duration((task.endedAt ?? now) - task.startedAt)}</>
}

const policies = { all: "allows every call", none: "rejects every call" } as const

/** What was asked, of whom and by whom. */
const Asked = ({ task }: { readonly task: Api.TaskRecord }) => {
  const { data: people = [] } = useQuery(members(useWorkspace()))
  const nameOf = (id: string | null) => people.find((one) => one.id === id)?.name ?? "unknown"
  return (
    <dl className="details">
      <Field name="Runtime">
        {task.runtimeName === null
          ? "deleted"
          : <Link href={pathTo.runtime(task.runtimeId)}>{task.runtimeName}</Link>}
      </Field>
      {task.provider === null ? null : <Field name="CLI">{Runtime.providerName(task.provider)}</Field>}
      <Field name="Model">{task.model === null ? "the CLI’s default" : <code>{displayLine(task.model)}</code>}</Field>
      <Field name="Folder">{task.folder === null ? "its own" : <code>{displayLine(task.folder)}</code>}</Field>
      <Field name="Policy">{policies[task.policy]}</Field>
      {task.priority === 0 ? null : <Field name="Priority">{task.priority}</Field>}
      {task.key === null || task.key === task.folder ? null : (
        <Field name="Key">
          <code>{displayLine(task.key)}</code>
        </Field>
      )}
      <Field name="Created">
        {fullTime(task.createdAt)} by {nameOf(task.createdBy)}
      </Field>
      {task.status === "cancelled" || task.status === "cancelling"
        ? <Field name="Canceled by">{nameOf(task.cancelledBy)}</Field>
        : null}
      <Field name={isTerminal(task) ? "Took" : "Runs for"}>
        <Took task={task} />
      </Field>
      {task.retryOf === null ? null : (
        <Field name="Repeats">
          <Link href={pathTo.task(task.retryOf)}>
            <code>{task.retryOf.slice(0, 8)}</code>
          </Link>
        </Field>
      )}
      {task.session === null ? null : (
        <Field name="Session">
          <code>{displayLine(task.session)}</code>
        </Field>
      )}
      <Field name="Id">
        <code>{task.id}</code>
      </Field>
    </dl>
  )
}

const Attempts = ({ attempts }: Pick<Api.TaskRecord, "attempts">) => (
  <ol className="attempts">
    {attempts.map(({ claimedAt, endedAt, number, reason, startedAt }) => (
      <li key={number}>
        <b>{number}</b>
        <span>
          {reason === null
            ? endedAt === null ? "now" : "ended"
            : (
              <span className="bad-text">
                failed: <code>{reason}</code>
              </span>
            )}
          <br />
          <span className="muted small">
            claimed {fullTime(claimedAt)}
            {startedAt === null ? ", not started" : ""}
            {startedAt === null || endedAt === null ? "" : `, ran for ${Quantity.duration(endedAt - startedAt)}`}
          </span>
        </span>
      </li>
    ))}
  </ol>
)

/** What numbers cover that are not those of the task. */
const meanings = { call: "of the last call", turn: undefined, session: "of the whole session" } as const

const Usage = ({ usage }: Pick<Api.TaskRecord, "usage">) => (
  <ul className="usage">
    {usage.map((one, i) => (
      // Of several attempts, the same model may be listed more than once.
      <li key={i}>
        <code>{one.model === "" ? displayLine(one.provider) : displayLine(one.model)}</code>
        <span>
          {number.format(one.inputTokens)} in, {number.format(one.outputTokens)} out
        </span>
        <span className="muted small">
          {[
            one.cacheReadTokens === 0 ? undefined : `${number.format(one.cacheReadTokens)} read from the cache`,
            one.cacheWriteTokens === 0 ? undefined : `${number.format(one.cacheWriteTokens)} written to it`,
            one.costUsd === undefined ? undefined : `US$ ${one.costUsd.toFixed(4)}, as the provider reports it`,
            one.meaning === undefined ? undefined : meanings[one.meaning]
          ].filter((part) => part !== undefined).join(" · ")}
        </span>
      </li>
    ))}
  </ul>
)

/** The facts beside the log of a task. */
export const TaskDetails = ({ task }: { readonly task: Api.TaskRecord }) => (
  <>
    <section className="card" aria-label="Details">
      <header>
        <h2>Details</h2>
      </header>
      <Asked task={task} />
    </section>
    <section className="card" aria-label="Tokens">
      <header>
        <h2>Tokens</h2>
      </header>
      {task.usage.length === 0
        ? <p className="muted">{isTerminal(task) ? "None were reported." : "They are reported at the end."}</p>
        : <Usage usage={task.usage} />}
    </section>
    {task.attempts.length === 0 ? null : (
      <section className="card" aria-label="Attempts">
        <header>
          <h2>Attempts</h2>
        </header>
        <Attempts attempts={task.attempts} />
      </section>
    )}
  </>
)
