import type { RuntimeRecord } from "@muster/domain"
import { useState } from "react"
import { clientOf } from "../api/Client.ts"
import { run } from "../api/RunCall.ts"
import { consoleHome, navigate } from "../route/Route.ts"
import { Button } from "../ui/Button.tsx"
import { Modal } from "../ui/Modal.tsx"
import { useDeleted } from "./DeletedRuntimes.ts"
import { useRefresh } from "./useRefresh.ts"

/** Asks once more before a runtime is deleted, and says what that means. */
const Delete = ({ close, runtime }: { readonly runtime: RuntimeRecord; readonly close: () => void }) => {
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
        Its name, its visibility and its id go. {runtime.status === "online"
          ? "Its daemon runs, so it comes back by itself within seconds, as a new runtime with a new id."
          : "It comes back as a new runtime when its daemon runs again."}
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
