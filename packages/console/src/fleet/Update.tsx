import { type Api, Kinds, Runtime } from "@muster/domain"
import { Schema } from "effect"
import { type FormEvent, useEffect, useRef, useState } from "react"
import { clientOf } from "../api/Client.ts"
import { runLong } from "../api/RunCall.ts"
import { follow } from "../request/FollowRequest.ts"
import { RequestSteps } from "../request/RequestStages.tsx"
import { Button } from "../ui/Button.tsx"
import { Modal } from "../ui/Modal.tsx"
import { newestVersion } from "./newestVersion.ts"

type Answer = ReturnType<typeof Api.requestRecord<typeof Kinds.Update>>["Type"]

const isVersion = Schema.is(Kinds.TargetVersion)

/** The dialog that updates Muster on a runtime's machine. An update continues if the dialog is closed. */
const Update = ({ close, runtime }: { readonly runtime: Api.RuntimeRecord; readonly close: () => void }) => {
  const { id: runtimeId, metadata, workspaceId } = runtime
  const [version, setVersion] = useState(() => newestVersion([runtime]))
  const [record, setRecord] = useState<Answer>()
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const stop = useRef(new AbortController())
  useEffect(() => {
    stop.current = new AbortController()
    return () => stop.current.abort()
  }, [])

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const target = version.trim()
    if (busy) return
    setRecord(undefined)
    setProblem(isVersion(target) ? undefined : "Enter a full version, such as 1.2.3")
    if (!isVersion(target)) return
    setBusy(true)
    const { update } = clientOf(workspaceId)
    try {
      await runLong(
        follow<Answer>(
          update.ask({ params: { runtimeId }, payload: { target_version: target } }),
          (requestId, query) => update.look({ params: { runtimeId, requestId }, query }),
          setRecord
        ),
        stop.current.signal
      )
    } catch (failure) {
      setProblem((failure as Error).message)
    }
    setBusy(false)
  }

  const now = metadata["cli_version"]
  const why = problem ?? (record?.error === undefined ? undefined : `Not updated: ${record.error}`)
  return (
    <Modal title={`Update Muster on ${Runtime.machineOf(runtime)}`} close={close}>
      <form onSubmit={submit}>
        <p>
          The daemon installs this version and restarts. All runtimes of that machine are offline for a moment.
          {typeof now === "string" && now !== ""
            ? (
              <>
                {" "}Its current version is <code>{now}</code>.
              </>
            )
            : null}
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
        {record === undefined ? null : <RequestSteps asked={record} />}
        {why === undefined ? null : <p className="notice bad" role="alert">{why}.</p>}
        {record?.status === "completed"
          ? <p className="notice good" role="status">{record.output ?? "Done."}</p>
          : null}
        <div className="actions">
          <Button onClick={close}>Close</Button>
          <Button kind="primary" type="submit" busy={busy} disabled={version.trim() === ""}>Update</Button>
        </div>
      </form>
    </Modal>
  )
}

export default Update
