import type { Api } from "@muster/domain"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { machines } from "../api/Queries.ts"
import { useInterval } from "../live/useLive.ts"
import { pathTo } from "../route/Route.ts"
import { useRole } from "../session/useRole.ts"
import { Ago } from "../ui/Ago.tsx"
import { Button } from "../ui/Button.tsx"
import { Link } from "../ui/Link.tsx"
import { Empty, Failure, Loading } from "../ui/State.tsx"
import { useTitle } from "../ui/useTitle.ts"
import { useWorkspace } from "../workspace/Workspace.ts"
import { AddMachine } from "./AddMachine.tsx"
import { JoinKeys } from "./JoinKeys.tsx"

/** The state of a machine in one word, and its tone. */
const stateOf = (machine: Api.MachineRecord): readonly [text: string, tone: "" | "good" | "bad" | "accent"] => {
  if (machine.drain !== null) return ["draining", "accent"]
  if (machine.state === "waiting") return ["waiting to join", ""]
  if (machine.state === "expired") return ["credential expired", "bad"]
  return machine.runtimeCounts.online > 0 ? ["online", "good"] : ["offline", ""]
}

/** The name of a machine; one without a name gets its own when it joins. */
export const machineName = ({ name }: { readonly name: string }): string => name === "" ? "New machine" : name

export const MachineState = ({ machine }: { readonly machine: Api.MachineRecord }) => {
  const [text, tone] = stateOf(machine)
  return <b className={`tag ${tone}`}>{text}</b>
}

const runtimesText = ({ online, total }: { readonly online: number; readonly total: number }) =>
  total === 0 ? "no runtimes" : `${online} of ${total} ${total === 1 ? "runtime" : "runtimes"} online`

export const Labels = ({ labels }: { readonly labels: ReadonlyArray<string> }) => (
  <>{labels.map((label) => <b key={label} className="tag">{label}</b>)}</>
)

const Row = ({ machine }: { readonly machine: Api.MachineRecord }) => (
  <li className="row machine-row">
    <div className="row-name">
      <Link href={pathTo.machine(machine.id)}>{machineName(machine)}</Link>
      <span className="muted">
        {machine.ownerName} <Labels labels={machine.labels} />
      </span>
    </div>
    <span>
      <MachineState machine={machine} />
    </span>
    <span className="muted small">
      {runtimesText(machine.runtimeCounts)}
      {machine.lastSeenAt === null ? null : (
        <>
          <br />seen <Ago at={machine.lastSeenAt} fresh={120_000} />
        </>
      )}
    </span>
  </li>
)

/** Daemons with a person's token: they work, and can move to a credential of their own. */
const Unjoined = ({ daemons }: { readonly daemons: (typeof Api.MachineList.Type)["unjoined"] }) => (
  <section className="card" aria-label="Daemons with a person’s token">
    <header>
      <h2>Daemons with a person’s token</h2>
    </header>
    <p className="muted">
      These daemons have all rights of their person. To give a machine a credential of its own, select “Add a machine”
      and run the command on it.
    </p>
    <ul className="plain-rows">
      {daemons.map((daemon) => (
        <li key={daemon.daemonId}>
          <span>
            <b>{daemon.deviceInfo === "" ? daemon.daemonId : daemon.deviceInfo}</b>{" "}
            <span className="muted">{daemon.ownerName}</span>
          </span>
          <span className="muted small">{runtimesText(daemon.runtimeCounts)}</span>
        </li>
      ))}
    </ul>
  </section>
)

/** The page of the workspace's machines, and of the keys with which build machines join. */
const Machines = () => {
  useTitle("Machines")
  const workspace = useWorkspace()
  const query = useQuery({ ...machines(workspace), refetchInterval: useInterval() })
  const { role } = useRole()
  const [adding, setAdding] = useState(false)
  const add = <Button kind="primary" onClick={() => setAdding(true)}>Add a machine …</Button>
  return (
    <>
      <header className="page-head">
        <div>
          <h1>Machines</h1>
          <p className="muted">Each machine runs one daemon, which registers the agents that it finds.</p>
        </div>
        {add}
      </header>
      {query.data === undefined
        ? query.error === null
          ? <Loading what="the machines" />
          : <Failure problem={query.error} again={() => void query.refetch()} />
        : (
          <>
            {query.data.machines.length === 0
              ? (
                <Empty icon="machines" title="No machine has joined yet">
                  <p>Add a machine: the page shows one command to run on it, and waits until its agents arrive.</p>
                </Empty>
              )
              : <ul className="rows">{query.data.machines.map((one) => <Row key={one.id} machine={one} />)}</ul>}
            {query.data.unjoined.length === 0 ? null : <Unjoined daemons={query.data.unjoined} />}
          </>
        )}
      {role === undefined || role === "member" ? null : <JoinKeys />}
      {adding ? <AddMachine close={() => setAdding(false)} /> : null}
    </>
  )
}

export default Machines
