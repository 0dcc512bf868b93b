import type { Api } from "@muster/domain"
import { useQueryClient } from "@tanstack/react-query"
import { type FormEvent, useState } from "react"
import { clientOf } from "../api/Client.ts"
import { run } from "../api/RunCall.ts"
import { Button } from "../ui/Button.tsx"
import { Modal } from "../ui/Modal.tsx"
import { useWorkspace } from "../workspace/Workspace.ts"
import { BulkResult } from "./BulkResult.tsx"
import { useBulk } from "./useBulk.ts"
import type { Selection } from "./useSelection.ts"

/** How many runtimes are named, and from how many on the person types their number. */
const maxNamed = 5
const confirmFrom = 20

/** The dialog that deletes the selected runtimes. Those that cannot be deleted stay selected. */
const BulkRemove = ({ close: closeDialog, items: given, selection }: {
  readonly items: ReadonlyArray<Api.FleetItem>
  readonly selection: Selection
  readonly close: () => void
}) => {
  const workspace = useWorkspace()
  const queries = useQueryClient()
  const { progress, run: runAll } = useBulk<Api.FleetItem>()
  const [typed, setTyped] = useState("")
  const [items] = useState(given)
  const online = items.filter(({ status }) => status === "online").length
  const confirmed = items.length < confirmFrom || typed.trim() === String(items.length)

  const close = () => {
    const deleted = new Set(progress?.done.map(({ id }) => id))
    if (deleted.size > 0) selection.replace(items.filter(({ id }) => !deleted.has(id)))
    closeDialog()
  }

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!confirmed || progress !== undefined) return
    await runAll(items, ({ id }) => run(clientOf(workspace).runtimes.remove({ params: { runtimeId: id } })))
    await queries.invalidateQueries({ queryKey: ["in", workspace] })
  }

  return (
    <Modal title={items.length === 1 ? "Delete 1 runtime?" : `Delete ${items.length} runtimes?`} close={close}>
      <form onSubmit={submit}>
        <p>
          {items.slice(0, maxNamed).map(({ id, name }, i) => (
            <span key={id}>
              {i === 0 ? "" : ", "}
              <b>{name}</b>
            </span>
          ))}
          {items.length > maxNamed ? ` and ${items.length - maxNamed} more` : ""}. This deletes their names,
          visibilities and ids.
        </p>
        {online === 0 ? null : (
          <p className="notice">
            {online === 1 ? "1 is online: its daemon registers" : `${online} are online: their daemons register`}{" "}
            new runtimes, with new ids, within seconds.
          </p>
        )}
        {items.length < confirmFrom || progress !== undefined ? null : (
          <label className="field">
            <span>Type {items.length} to confirm</span>
            <input
              value={typed}
              inputMode="numeric"
              autoComplete="off"
              onChange={({ target }) => setTyped(target.value)}
              data-autofocus
            />
          </label>
        )}
        {progress === undefined ? null : <BulkResult progress={progress} did="deleted" nameOf={({ name }) => name} />}
        <div className="actions">
          <Button onClick={close} {...(items.length < confirmFrom && { "data-autofocus": true })}>
            {progress === undefined ? "Cancel" : "Close"}
          </Button>
          {progress === undefined
            ? <Button kind="danger" type="submit" disabled={!confirmed}>Delete</Button>
            : null}
        </div>
      </form>
    </Modal>
  )
}

export default BulkRemove
