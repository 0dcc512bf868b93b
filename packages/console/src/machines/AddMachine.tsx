import { type Api, Runtime } from "@muster/domain"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useEffect, useState } from "react"
import { clientOf } from "../api/Client.ts"
import { machine as machineQuery, machines } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { pathTo } from "../route/Route.ts"
import { spanLeft } from "../ui/Ago.tsx"
import { Button } from "../ui/Button.tsx"
import { useNow } from "../ui/Clock.ts"
import { CopyButton } from "../ui/CopyButton.tsx"
import { FormDialog } from "../ui/FormDialog.tsx"
import { Link } from "../ui/Link.tsx"
import { Modal } from "../ui/Modal.tsx"
import { useWorkspace } from "../workspace/Workspace.ts"
import { LabelsField, labelsOf } from "./LabelsField.tsx"

/** How often the dialog asks whether the machine has joined, in ms. */
const arrivalInterval = 1_000

/** What the dialog shows after the command was run: the machine's agents, as they arrive. */
const Arrival = ({ id }: { readonly id: string }) => {
  const workspace = useWorkspace()
  const queries = useQueryClient()
  const { data, error } = useQuery({ ...machineQuery(workspace, id), refetchInterval: arrivalInterval })
  const arrived = data == null ? "" : `${data.state} ${data.runtimes.length}`
  useEffect(() => void queries.invalidateQueries({ queryKey: machines(workspace).queryKey }), [
    queries,
    workspace,
    arrived
  ])
  if (error !== null) return <p className="notice bad" role="alert">{error.message}. Trying again …</p>
  if (data === null) return <p className="notice bad" role="alert">The machine was removed.</p>
  if (data === undefined || data.state === "waiting") {
    return (
      <p className="notice" role="status">
        <span>
          <span className="spinner" aria-hidden="true" /> Waiting for the machine …
        </span>
      </p>
    )
  }
  return (
    <div className="notice good" role="status">
      <span>
        <b>{data.name}</b> has joined{data.runtimes.length === 0
          ? ". Waiting for its agents; it has none if no agent CLI is on its PATH …"
          : ` with ${data.runtimes.length === 1 ? "one agent" : `${data.runtimes.length} agents`}: `}
        {data.runtimes.map(({ provider }) => Runtime.providerName(provider)).join(", ")}
      </span>
      <Link href={pathTo.machine(id)}>Open the machine</Link>
    </div>
  )
}

const Command = ({ close, made }: { readonly made: typeof Api.JoinTokenRecord.Type; readonly close: () => void }) => {
  const now = useNow(10_000)
  const command = `npx muster join ${location.origin} ${made.token}`
  return (
    <Modal title="Add a machine" close={close} wide>
      <p>Run this command on the machine. It works once, within {spanLeft(made.expiresAt - now)}.</p>
      <pre><code>{command}</code></pre>
      <Arrival id={made.machine.id} />
      <div className="actions">
        <CopyButton text={command} what="the command" />
        <Button kind="primary" onClick={close} data-autofocus>Done</Button>
      </div>
    </Modal>
  )
}

/** The dialog that adds a machine: it shows the command for the machine, and waits for its arrival. */
export const AddMachine = ({ close }: { readonly close: () => void }) => {
  const workspace = useWorkspace()
  const queries = useQueryClient()
  const [name, setName] = useState("")
  const [labels, setLabels] = useState("")
  const [made, setMade] = useState<typeof Api.JoinTokenRecord.Type>()
  if (made !== undefined) return <Command made={made} close={close} />
  const submit = async () => {
    setMade(
      await run(
        clientOf(workspace).machines.add({
          payload: { labels: labelsOf(labels), ...(name.trim() === "" ? {} : { name: name.trim() }) }
        })
      )
    )
    await queries.invalidateQueries({ queryKey: machines(workspace).queryKey })
    return false as const
  }
  return (
    <FormDialog title="Add a machine" action="Show the command" close={close} submit={submit}>
      <label className="field">
        <span>Name (optional)</span>
        <input
          value={name}
          maxLength={256}
          placeholder="The machine’s own name"
          onChange={({ target }) => setName(target.value)}
          data-autofocus
        />
      </label>
      <LabelsField value={labels} onChange={setLabels} />
    </FormDialog>
  )
}
