import { type Api, Kinds } from "@muster/domain"
import { Schema } from "effect"
import { type FormEvent, useState } from "react"
import { clientOf } from "../api/Client.ts"
import { Problem } from "../api/Problem.ts"
import { runLong } from "../api/RunCall.ts"
import { follow } from "../request/FollowRequest.ts"
import { useMay } from "../session/usePermissions.ts"
import { Button } from "../ui/Button.tsx"
import { Modal } from "../ui/Modal.tsx"
import { useWorkspace } from "../workspace/Workspace.ts"
import { BulkResult } from "./BulkResult.tsx"
import { newestVersion } from "./newestVersion.ts"
import { useBulk } from "./useBulk.ts"

type Answer = ReturnType<typeof Api.requestRecord<typeof Kinds.Update>>["Type"]

const isVersion = Schema.is(Kinds.TargetVersion)

/** Returns one online runtime per machine: all runtimes of a machine have one Muster. */
const machinesOf = (items: ReadonlyArray<Api.FleetItem>): ReadonlyArray<Api.FleetItem> => [
  ...new Map(items.filter(({ status }) => status === "online").map((item) => [item.daemonId ?? item.id, item])).values()
]

/** The dialog that updates Muster on the machines of the selected runtimes. */
const BulkUpdate = ({ close, items }: {
  readonly items: ReadonlyArray<Api.FleetItem>
  readonly close: () => void
}) => {
  const workspace = useWorkspace()
  const may = useMay(workspace)
  const { progress, run } = useBulk<Api.FleetItem>()
  const machines = machinesOf(items.filter((item) => may(item, "update")))
  const [version, setVersion] = useState(() => newestVersion(items))
  const [problem, setProblem] = useState<string>()

  const update = async ({ id: runtimeId }: Api.FleetItem, target: string, signal: AbortSignal) => {
    const { update } = clientOf(workspace)
    const record = await runLong(
      follow<Answer>(
        update.ask({ params: { runtimeId }, payload: { target_version: target } }),
        (requestId, query) => update.look({ params: { runtimeId, requestId }, query }),
        () => {}
      ),
      signal
    )
    if (record.status !== "completed") throw new Problem(record.error ?? "it did not finish", record.status)
  }

  const submit = (event: FormEvent) => {
    event.preventDefault()
    const target = version.trim()
    setProblem(isVersion(target) ? undefined : "Enter a full version, such as 1.2.3")
    if (!isVersion(target) || progress?.running === true) return
    void run(machines, (machine, signal) => update(machine, target, signal))
  }

  return (
    <Modal
      title={machines.length === 1 ? "Update Muster on 1 machine" : `Update Muster on ${machines.length} machines`}
      close={close}
    >
      <form onSubmit={submit}>
        <p>
          Each daemon installs this version and restarts: the runtimes of its machine are offline for a moment. Offline
          machines are left out. An update that has begun continues if this dialog is closed.
        </p>
        <label className="field">
          <span>Version</span>
          <input
            value={version}
            maxLength={64}
            spellCheck={false}
            onChange={({ target }) => setVersion(target.value)}
            data-autofocus
          />
        </label>
        {problem === undefined ? null : <p className="notice bad" role="alert">{problem}.</p>}
        {progress === undefined ?
          null :
          <BulkResult progress={progress} did="updated" nameOf={({ machineName }) => machineName} />}
        <div className="actions">
          <Button onClick={close}>Close</Button>
          <Button kind="primary" type="submit" busy={progress?.running === true} disabled={machines.length === 0}>
            Update
          </Button>
        </div>
      </form>
    </Modal>
  )
}

export default BulkUpdate
