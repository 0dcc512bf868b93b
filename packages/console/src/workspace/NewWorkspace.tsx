import { type Identity, Workspace } from "@muster/domain"
import { useState } from "react"
import { clientOf } from "../api/Client.ts"
import { run } from "../api/RunCall.ts"
import { FormDialog } from "../ui/FormDialog.tsx"

/** The dialog that creates a workspace. */
export const NewWorkspace = ({ close, created }: {
  readonly close: () => void
  readonly created: (id: Identity.WorkspaceId) => void
}) => {
  const [name, setName] = useState("")
  const [typed, setTyped] = useState<string>()
  const slug = typed ?? Workspace.slugOf(name)
  return (
    <FormDialog
      title="New workspace"
      action="Create"
      close={close}
      disabled={name.trim() === "" || slug === ""}
      submit={async () => {
        const made = await run(clientOf().access.createWorkspace({ payload: { name: name.trim(), slug } }))
        created(made.id)
      }}
    >
      <label className="field">
        <span>Name</span>
        <input value={name} maxLength={256} onChange={({ target }) => setName(target.value)} data-autofocus />
      </label>
      <label className="field">
        <span>Slug, the name in URLs and commands</span>
        <input value={slug} maxLength={100} spellCheck={false} onChange={({ target }) => setTyped(target.value)} />
      </label>
    </FormDialog>
  )
}
