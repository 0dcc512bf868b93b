import { type FormEvent, type ReactNode, useState } from "react"
import { Button } from "./Button.tsx"
import { Modal } from "./Modal.tsx"

/**
 * A dialog with fields and one action. The dialog stays open with the reason if the action fails; `submit` closes it
 * otherwise, unless it returns false.
 */
export const FormDialog = (
  { action, children, close, danger = false, disabled = false, dismiss = "Cancel", submit, title }: {
    readonly title: string
    /** The label of the button. */
    readonly action: string
    /** The label of the button that closes the dialog. */
    readonly dismiss?: string
    readonly danger?: boolean
    readonly disabled?: boolean
    readonly close: () => void
    readonly submit: () => Promise<false | void>
    readonly children: ReactNode
  }
) => {
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const run = async (event: FormEvent) => {
    event.preventDefault()
    if (disabled || busy) return
    setBusy(true)
    setProblem(undefined)
    try {
      if (await submit() !== false) return close()
    } catch (failure) {
      setProblem((failure as Error).message)
    }
    setBusy(false)
  }
  return (
    <Modal title={title} close={close}>
      <form onSubmit={run}>
        {children}
        {problem === undefined ? null : <p className="notice bad" role="alert">{problem}.</p>}
        <div className="actions">
          <Button onClick={close}>{dismiss}</Button>
          <Button kind={danger ? "danger" : "primary"} type="submit" busy={busy} disabled={disabled}>{action}</Button>
        </div>
      </form>
    </Modal>
  )
}
