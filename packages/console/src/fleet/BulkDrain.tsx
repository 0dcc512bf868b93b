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

/** Returns one runtime per machine that joined. */
const machinesOf = (items: ReadonlyArray<Api.FleetItem>): ReadonlyArray<Api.FleetItem> => [
  ...new Map(items.flatMap((item) => item.machineId === null ? [] : [[item.machineId, item] as const])).values()
]

/** The dialog that drains the machines of the selected runtimes, or lets them take work again. */
const BulkDrain = ({ close, items, resume: given }: {
  readonly items: ReadonlyArray<Api.FleetItem>
  readonly resume: boolean
  readonly close: () => void
}) => {
  const workspace = useWorkspace()
  const queries = useQueryClient()
  const { progress, run: runAll } = useBulk<Api.FleetItem>()
  const [machines] = useState(() => machinesOf(items))
  const [resume] = useState(given)
  const [note, setNote] = useState("")
  const many = machines.length === 1 ? "1 machine" : `${machines.length} machines`

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (progress !== undefined) return
    await runAll(machines, ({ machineId }) =>
      run(
        clientOf(workspace).machines.edit({
          params: { machineId: machineId! },
          payload: resume ? { drain: false } : { drain: true, note: note.trim() }
        })
      ))
    await queries.invalidateQueries({ queryKey: ["in", workspace] })
  }

  return (
    <Modal title={resume ? `Resume ${many}` : `Drain ${many}`} close={close}>
      <form onSubmit={submit}>
        <p>
          {resume
            ? "All runtimes of these machines take work again."
            : "All runtimes of these machines get no new work. Running work continues to its end."}
        </p>
        {resume ? null : (
          <label className="field">
            <span>Note, for those who ask (optional)</span>
            <input value={note} maxLength={500} onChange={({ target }) => setNote(target.value)} data-autofocus />
          </label>
        )}
        {progress === undefined ? null : (
          <BulkResult
            progress={progress}
            did={resume ? "resumed" : "draining"}
            nameOf={({ machineName }) => machineName}
          />
        )}
        <div className="actions">
          <Button onClick={close}>{progress === undefined ? "Cancel" : "Close"}</Button>
          {progress === undefined ? <Button kind="primary" type="submit">{resume ? "Resume" : "Drain"}</Button> : null}
        </div>
      </form>
    </Modal>
  )
}

export default BulkDrain
