import type { Api } from "@muster/domain"
import { useState } from "react"
import { clientOf } from "../api/Client.ts"
import { run } from "../api/RunCall.ts"
import { consoleHome, navigate } from "../route/Route.ts"
import { Button } from "../ui/Button.tsx"
import { Modal } from "../ui/Modal.tsx"
import { useDeleted } from "./DeletedRuntimes.ts"
import { useRefresh } from "./useRefresh.ts"

/** The dialog that confirms the deletion of a runtime and describes its effect. */
const Delete = ({ close, runtime }: { readonly runtime: Api.RuntimeRecord; readonly close: () => void }) => {
  const refresh = useRefresh()
  const { add } = useDeleted(runtime.workspaceId)
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)

  const remove = async () => {
    setBusy(true)
    try {
      await run(clientOf(runtime.workspaceId).runtimes.remove({ params: { runtimeId: runtime.id } }))
      add(runtime)
      await refresh(runtime)
      close()
      navigate(consoleHome)
    } catch (failure) {
      setProblem((failure as Error).message)
      setBusy(false)
    }
  }

  return (
    <Modal title={`Delete ${runtime.name}?`} close={close}>
      <p>
        This deletes its name, visibility and id. {runtime.status === "online"
          ? "Its daemon is running and registers a new runtime, with a new id, within seconds."
          : "If its daemon starts again, it registers a new runtime."}
      </p>
      {problem === undefined ? null : <p className="notice bad" role="alert">{problem}.</p>}
      <div className="actions">
        <Button onClick={close} data-autofocus>Cancel</Button>
        <Button kind="danger" busy={busy} onClick={() => void remove()}>Delete</Button>
      </div>
    </Modal>
  )
}

export default Delete
