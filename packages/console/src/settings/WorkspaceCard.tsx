import { type Api, MemberRules } from "@muster/domain"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { clientOf } from "../api/Client.ts"
import { workspaces } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { useRole } from "../session/useRole.ts"
import { Button } from "../ui/Button.tsx"
import { FormDialog } from "../ui/FormDialog.tsx"
import { say } from "../ui/Toast.tsx"
import { NewWorkspace } from "../workspace/NewWorkspace.tsx"
import { keepWorkspace, useWorkspace } from "../workspace/Workspace.ts"
import { WorkspaceSettings } from "./WorkspaceSettings.tsx"

type Workspace = typeof Api.WorkspaceRecord.Type

interface DialogProps {
  readonly workspace: Workspace
  readonly close: () => void
}

const Rename = ({ close, workspace }: DialogProps) => {
  const queries = useQueryClient()
  const [name, setName] = useState(workspace.name)
  const [slug, setSlug] = useState(workspace.slug)
  return (
    <FormDialog
      title={`Rename ${workspace.name}`}
      action="Save"
      close={close}
      disabled={name.trim() === "" || slug === ""}
      submit={async () => {
        await run(
          clientOf().workspaces.edit({
            params: { workspaceId: workspace.id },
            payload: { name: name.trim(), ...(slug !== workspace.slug && { slug }) }
          })
        )
        await queries.invalidateQueries({ queryKey: workspaces.queryKey })
      }}
    >
      <label className="field">
        <span>Name</span>
        <input value={name} maxLength={256} onChange={({ target }) => setName(target.value)} data-autofocus />
      </label>
      <label className="field">
        <span>Slug, the name in URLs and commands</span>
        <input value={slug} maxLength={100} spellCheck={false} onChange={({ target }) => setSlug(target.value)} />
      </label>
    </FormDialog>
  )
}

/** Reloads the page in another of the person's workspaces. */
const leavePage = () => location.assign("/")

const Leave = ({ close, workspace }: DialogProps) => (
  <FormDialog
    title={`Leave ${workspace.name}?`}
    action="Leave"
    danger
    close={close}
    submit={async () => {
      await run(clientOf().workspaces.leave({ params: { workspaceId: workspace.id } }))
      leavePage()
    }}
  >
    <p>You lose access to the workspace. Your runtimes and machines leave it.</p>
  </FormDialog>
)

/** What a deletion loses, in the order of the list. */
const lost = [
  ["members", "member", "members"],
  ["invitations", "invitation", "invitations"],
  ["runtimes", "runtime", "runtimes"],
  ["machines", "machine", "machines"],
  ["daemonTokens", "daemon token", "daemon tokens"],
  ["skills", "skill", "skills"],
  ["requests", "request in the journal", "requests in the journal"]
] as const

const Delete = ({ close, workspace }: DialogProps) => {
  const [typed, setTyped] = useState("")
  const contents = useQuery({
    queryKey: ["in", workspace.id, "contents"],
    queryFn: ({ signal }) => run(clientOf().workspaces.contents({ params: { workspaceId: workspace.id } }), signal)
  })
  return (
    <FormDialog
      title={`Delete ${workspace.name}?`}
      action="Delete everything"
      danger
      close={close}
      disabled={typed !== workspace.slug}
      submit={async () => {
        await run(clientOf().workspaces.remove({ params: { workspaceId: workspace.id }, query: { confirm: typed } }))
        leavePage()
      }}
    >
      <p>This cannot be undone. The workspace is deleted with:</p>
      {contents.data === undefined
        ? <p className="muted">{contents.error === null ? "Counting …" : `${contents.error.message}.`}</p>
        : (
          <ul className="bullets">
            {lost.filter(([key]) => contents.data[key] > 0).map(([key, one, many]) => (
              <li key={key}>{contents.data[key]} {contents.data[key] === 1 ? one : many}</li>
            ))}
          </ul>
        )}
      <label className="field">
        <span>
          Type <code>{workspace.slug}</code> to confirm
        </span>
        <input value={typed} spellCheck={false} onChange={({ target }) => setTyped(target.value)} data-autofocus />
      </label>
    </FormDialog>
  )
}

/** The current workspace: rename, leave, delete; and a new one. */
export const WorkspaceCard = () => {
  const id = useWorkspace()
  const { data = [] } = useQuery(workspaces)
  const { role } = useRole()
  const [open, setOpen] = useState<"new" | "rename" | "leave" | "delete">()
  const workspace = data.find((one) => one.id === id)
  if (workspace === undefined) return null
  const close = () => setOpen(undefined)
  const dialog = { workspace, close }
  return (
    <section className="card" aria-label="Workspace">
      <header>
        <h2>Workspace</h2>
        <Button onClick={() => setOpen("new")}>New workspace …</Button>
      </header>
      <p>
        <b>{workspace.name}</b> <code className="muted">{workspace.slug}</code>
        {role === undefined ? null : <span className="muted">; you are its {role}</span>}
      </p>
      <WorkspaceSettings />
      <div className="tools">
        {role !== undefined && MemberRules.mayEditWorkspace(role)
          ? <Button onClick={() => setOpen("rename")}>Rename …</Button>
          : null}
        <Button onClick={() => setOpen("leave")}>Leave …</Button>
        {role !== undefined && MemberRules.mayDeleteWorkspace(role)
          ? <Button onClick={() => setOpen("delete")}>Delete …</Button>
          : null}
      </div>
      {open === "new"
        ? (
          <NewWorkspace
            close={close}
            created={(made) => {
              keepWorkspace(made)
              say("The workspace was created.")
              location.assign("/")
            }}
          />
        )
        : null}
      {open === "rename" ? <Rename {...dialog} /> : null}
      {open === "leave" ? <Leave {...dialog} /> : null}
      {open === "delete" ? <Delete {...dialog} /> : null}
    </section>
  )
}
