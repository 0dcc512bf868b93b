import type { Api } from "@muster/domain"
import { type FormEvent, useState } from "react"
import { clientOf } from "../api/Client.ts"
import { run } from "../api/RunCall.ts"
import { Button } from "../ui/Button.tsx"
import { Modal } from "../ui/Modal.tsx"
import { useRefresh } from "./useRefresh.ts"

/** The dialog that renames a runtime. Later registrations keep the name. */
const Rename = ({ close, runtime }: { readonly runtime: Api.RuntimeRecord; readonly close: () => void }) => {
  const refresh = useRefresh()
  const [name, setName] = useState(runtime.name)
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() === "" || busy) return
    setBusy(true)
    try {
      await run(
        clientOf(runtime.workspaceId).runtimes.edit({
          params: { runtimeId: runtime.id },
          payload: { name: name.trim() }
        })
      )
      await refresh(runtime)
      close()
    } catch (failure) {
      setProblem((failure as Error).message)
      setBusy(false)
    }
  }

  return (
    <Modal title={`Rename ${runtime.name}`} close={close}>
      <form onSubmit={submit}>
        <label className="field">
          <span>Name</span>
          <input value={name} maxLength={256} onChange={({ target }) => setName(target.value)} data-autofocus />
        </label>
        {problem === undefined ? null : <p className="notice bad" role="alert">{problem}.</p>}
        <div className="actions">
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" busy={busy} disabled={name.trim() === ""}>Rename</Button>
        </div>
      </form>
    </Modal>
  )
}

export default Rename
