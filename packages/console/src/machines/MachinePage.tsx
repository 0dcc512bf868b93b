import { type Api, ConsolePages, Machine, Runtime } from "@muster/domain"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { clientOf } from "../api/Client.ts"
import { machine as machineQuery } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { useInterval } from "../live/useLive.ts"
import { navigate, pathTo } from "../route/Route.ts"
import { Ago, fullTime } from "../ui/Ago.tsx"
import { Button } from "../ui/Button.tsx"
import { FormDialog } from "../ui/FormDialog.tsx"
import { Icon } from "../ui/Icon.tsx"
import { Link } from "../ui/Link.tsx"
import { Empty, Failure, Loading } from "../ui/State.tsx"
import { say } from "../ui/Toast.tsx"
import { useTitle } from "../ui/useTitle.ts"
import { useWorkspace } from "../workspace/Workspace.ts"
import { LabelsField, labelsOf } from "./LabelsField.tsx"
import { Labels, machineName, MachineState } from "./Machines.tsx"

type Detail = typeof Api.MachineDetail.Type

interface DialogProps {
  readonly machine: Detail
  readonly close: () => void
}

/** Returns an edit of the machine that refreshes the page. */
const useEdit = (machine: Detail) => {
  const workspace = useWorkspace()
  const queries = useQueryClient()
  return async (payload: { name?: string; labels?: ReadonlyArray<string>; drain?: boolean; note?: string }) => {
    await run(clientOf(workspace).machines.edit({ params: { machineId: machine.id }, payload }))
    await queries.invalidateQueries({ queryKey: ["in", workspace] })
  }
}

const Edit = ({ close, machine }: DialogProps) => {
  const edit = useEdit(machine)
  const [name, setName] = useState(machine.name)
  const [labels, setLabels] = useState(machine.labels.join(" "))
  return (
    <FormDialog
      title={`Edit ${machineName(machine)}`}
      action="Save"
      close={close}
      disabled={name.trim() === ""}
      submit={() => edit({ name: name.trim(), labels: labelsOf(labels) })}
    >
      <label className="field">
        <span>Name</span>
        <input value={name} maxLength={256} onChange={({ target }) => setName(target.value)} data-autofocus />
      </label>
      <LabelsField value={labels} onChange={setLabels} />
    </FormDialog>
  )
}

const Drain = ({ close, machine }: DialogProps) => {
  const edit = useEdit(machine)
  const [note, setNote] = useState("")
  return (
    <FormDialog
      title={`Drain ${machineName(machine)}`}
      action="Drain"
      close={close}
      submit={() => edit({ drain: true, note: note.trim() })}
    >
      <p>The machine gets no new work. Running work continues to its end.</p>
      <label className="field">
        <span>Note (optional)</span>
        <input
          value={note}
          maxLength={Machine.maxDrainNote}
          placeholder="Why, for the others"
          onChange={({ target }) => setNote(target.value)}
          data-autofocus
        />
      </label>
    </FormDialog>
  )
}

const Remove = ({ close, machine }: DialogProps) => {
  const workspace = useWorkspace()
  const queries = useQueryClient()
  return (
    <FormDialog
      title={`Remove ${machineName(machine)}?`}
      action="Remove"
      danger
      close={close}
      submit={async () => {
        const removed = await run(clientOf(workspace).machines.remove({ params: { machineId: machine.id } }))
        await queries.invalidateQueries({ queryKey: ["in", workspace] })
        say(
          `${machineName(machine)} was removed with ${
            removed.runtimes === 1 ? "1 runtime" : `${removed.runtimes} runtimes`
          }.`
        )
        navigate(ConsolePages.all.machines)
      }}
    >
      <p>
        Its runtimes leave{" "}
        {machine.workspaces.length > 1 ? "its workspaces" : "this workspace"}, and its credential ends within 10
        seconds. To use the machine again, add it again.
      </p>
    </FormDialog>
  )
}

const Runtimes = ({ machine }: { readonly machine: Detail }) => (
  <section className="card" aria-label="Runtimes">
    <header>
      <h2>Runtimes</h2>
    </header>
    {machine.runtimes.length === 0
      ? <p className="muted">None in this workspace.</p>
      : (
        <ul className="plain-rows">
          {machine.runtimes.map((runtime) => (
            <li key={runtime.id}>
              <span>
                <Link href={pathTo.runtime(runtime.id)}>{runtime.name}</Link>{" "}
                <span className="muted">
                  {Runtime.providerName(runtime.provider)} <code>{Runtime.versionOf(runtime)}</code>
                </span>
              </span>
              <span className="muted small">
                <b className={`tag ${runtime.status === "online" ? "good" : ""}`}>{runtime.status}</b>
                {runtime.lastSeenAt === null ? null : (
                  <>
                    {" "}seen <Ago at={runtime.lastSeenAt} fresh={90_000} />
                  </>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
  </section>
)

const Details = ({ machine }: { readonly machine: Detail }) => {
  const moments = [
    ["Added", machine.createdAt],
    ["Joined", machine.joinedAt],
    ["Credential until", machine.credentialExpiresAt]
  ] as const
  return (
    <section className="card" aria-label="Details">
      <header>
        <h2>Details</h2>
      </header>
      <dl className="details">
        <div>
          <dt>Owner</dt>
          <dd>{machine.ownerName}</dd>
        </div>
        <div>
          <dt>Device</dt>
          <dd>{machine.deviceInfo === "" ? "not known yet" : machine.deviceInfo}</dd>
        </div>
        <div>
          <dt>Labels</dt>
          <dd>{machine.labels.length === 0 ? "none" : <Labels labels={machine.labels} />}</dd>
        </div>
        {moments.map(([name, at]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{at === null ? "not yet" : fullTime(at)}</dd>
          </div>
        ))}
        <div>
          <dt>Removal</dt>
          <dd>{machine.ephemeral ? "after 10 minutes without a heartbeat" : "by a person"}</dd>
        </div>
        <div>
          <dt>Daemon</dt>
          <dd>
            <code>{machine.daemonId ?? "none"}</code>
          </dd>
        </div>
        <div>
          <dt>Id</dt>
          <dd>
            <code>{machine.id}</code>
          </dd>
        </div>
      </dl>
    </section>
  )
}

const Actions = ({ machine }: { readonly machine: Detail }) => {
  const edit = useEdit(machine)
  const [open, setOpen] = useState<"edit" | "drain" | "remove">()
  const close = () => setOpen(undefined)
  const resume = () =>
    edit({ drain: false }).then(
      () => say(`${machineName(machine)} takes work again.`),
      (problem: Error) => say(`${problem.message}.`, "bad")
    )
  return (
    <div className="tools">
      <Button onClick={() => setOpen("edit")}>Edit …</Button>
      {machine.drain === null
        ? <Button onClick={() => setOpen("drain")}>Drain …</Button>
        : <Button onClick={() => void resume()}>Resume</Button>}
      <Button onClick={() => setOpen("remove")}>Remove …</Button>
      {open === "edit" ? <Edit machine={machine} close={close} /> : null}
      {open === "drain" ? <Drain machine={machine} close={close} /> : null}
      {open === "remove" ? <Remove machine={machine} close={close} /> : null}
    </div>
  )
}

/** The page of one machine. */
const MachinePage = ({ id }: { readonly id: string }) => {
  const query = useQuery({ ...machineQuery(useWorkspace(), id), refetchInterval: useInterval() })
  const machine = query.data
  useTitle(machine == null ? undefined : machineName(machine))
  if (machine === undefined) {
    return query.error === null
      ? <Loading what="the machine" />
      : <Failure problem={query.error} again={() => void query.refetch()} />
  }
  if (machine === null) {
    return (
      <Empty icon="machines" title="This machine does not exist">
        <p>It was removed, or it is in another workspace.</p>
        <Link className="button" href={ConsolePages.all.machines}>Go to the machines</Link>
      </Empty>
    )
  }
  return (
    <>
      <header className="page-head">
        <div>
          <Link className="back muted" href={ConsolePages.all.machines}>
            <Icon name="back" />Machines
          </Link>
          <h1>{machineName(machine)}</h1>
          <p className="muted">
            <MachineState machine={machine} /> {machine.lastSeenAt === null ? null : (
              <>
                seen <Ago at={machine.lastSeenAt} fresh={120_000} />
              </>
            )}
          </p>
        </div>
        {machine.mayManage ? <Actions machine={machine} /> : null}
      </header>
      {query.error === null ? null : <p className="notice bad" role="alert">{query.error.message}.</p>}
      {machine.drain === null ? null : (
        <p className="notice">
          <span>
            Draining since <Ago at={machine.drain.since} />, by {machine.drain.byName}
            {machine.drain.note === "" ? "" : `: ${machine.drain.note}`}
          </span>
        </p>
      )}
      <div className="columns">
        <div className="main-column">
          <Runtimes machine={machine} />
        </div>
        <div className="side-column">
          <Details machine={machine} />
        </div>
      </div>
    </>
  )
}

export default MachinePage
