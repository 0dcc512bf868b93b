import { type Identity, Invitation } from "@muster/domain"
import { useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { clientOf } from "../api/Client.ts"
import { invitations } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { FormDialog } from "../ui/FormDialog.tsx"
import { Modal } from "../ui/Modal.tsx"
import { Secret } from "../ui/Secret.tsx"
import { useWorkspace } from "../workspace/Workspace.ts"

const invited: ReadonlyArray<readonly [Identity.Role, string]> = [
  ["member", "member: uses public runtimes and adds machines"],
  ["admin", "admin: also manages members, machines and runtimes"]
]

/** The dialog that creates an invitation and shows its link once. */
export const Invite = ({ close }: { readonly close: () => void }) => {
  const workspaceId = useWorkspace()
  const queries = useQueryClient()
  const [email, setEmail] = useState("")
  const [role, setRole] = useState<Identity.Role>("member")
  const [days, setDays] = useState<number>(Invitation.days.default)
  const [path, setPath] = useState<string>()
  const submit = async () => {
    const made = await run(
      clientOf().workspaces.invite({
        params: { workspaceId },
        payload: { role, expiresInDays: days, ...(email.trim() === "" ? {} : { email: email.trim() }) }
      })
    )
    setPath(made.path)
    await queries.invalidateQueries({ queryKey: invitations(workspaceId).queryKey })
    return false as const
  }
  if (path !== undefined) {
    return (
      <Modal title="Invitation link" close={close}>
        <p>
          Send this link to {email.trim() === "" ? "the person" : email.trim()}. It works once, for{" "}
          {days === 1 ? "a day" : `${days} days`}, and is shown only here.
        </p>
        <Secret text={location.origin + path} what="the link" close={close} />
      </Modal>
    )
  }
  return (
    <FormDialog title="Invite a person" action="Create link" close={close} submit={submit}>
      <label className="field">
        <span>E-mail (optional)</span>
        <input
          type="email"
          value={email}
          maxLength={254}
          placeholder="Without it, anyone with the link can join"
          onChange={({ target }) => setEmail(target.value)}
          data-autofocus
        />
      </label>
      <label className="field">
        <span>Role</span>
        <select value={role} onChange={({ target }) => setRole(target.value as Identity.Role)}>
          {invited.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
        </select>
      </label>
      <label className="field">
        <span>Expires after</span>
        <select value={days} onChange={({ target }) => setDays(Number(target.value))}>
          {[1, 7, 30].map((days) => <option key={days} value={days}>{days === 1 ? "a day" : `${days} days`}</option>)}
        </select>
      </label>
    </FormDialog>
  )
}
