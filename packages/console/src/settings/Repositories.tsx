import { type Api, MemberRules, Repository } from "@muster/domain"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { Result } from "effect"
import { useState } from "react"
import { clientOf } from "../api/Client.ts"
import { repositories } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { useRole } from "../session/useRole.ts"
import { Ago } from "../ui/Ago.tsx"
import { Button } from "../ui/Button.tsx"
import { FormDialog } from "../ui/FormDialog.tsx"
import { Failure, Loading } from "../ui/State.tsx"
import { say } from "../ui/Toast.tsx"
import { useWorkspace } from "../workspace/Workspace.ts"

type Entry = typeof Api.RepositoryRecord.Type

const Add = ({ close }: { readonly close: () => void }) => {
  const workspaceId = useWorkspace()
  const queries = useQueryClient()
  const [url, setUrl] = useState("")
  const submit = async () => {
    const address = Repository.parseUrl(url)
    if (Result.isFailure(address)) throw new Error(address.failure)
    const { added } = await run(
      clientOf().repositories.add({ params: { workspaceId }, payload: { url: address.success.url } })
    )
    say(added ? "The repository was added." : "The list has this repository already.")
    await queries.invalidateQueries({ queryKey: repositories(workspaceId).queryKey })
  }
  return (
    <FormDialog title="Add a repository" action="Add" close={close} disabled={url.trim() === ""} submit={submit}>
      <label className="field">
        <span>URL, as git clone takes it</span>
        <input
          value={url}
          maxLength={Repository.maxUrlLength}
          placeholder="https://git.example.org/team/project"
          spellCheck={false}
          autoComplete="off"
          onChange={({ target }) => setUrl(target.value)}
          data-autofocus
        />
      </label>
    </FormDialog>
  )
}

const Remove = ({ close, url }: { readonly url: string; readonly close: () => void }) => {
  const workspaceId = useWorkspace()
  const queries = useQueryClient()
  return (
    <FormDialog
      title="Remove this repository?"
      action="Remove"
      danger
      close={close}
      submit={async () => {
        await run(clientOf().repositories.remove({ params: { workspaceId }, query: { url } }))
        await queries.invalidateQueries({ queryKey: repositories(workspaceId).queryKey })
      }}
    >
      <p>
        Agents may no longer check out <code>{url}</code>. Checkouts that exist stay.
      </p>
    </FormDialog>
  )
}

const Row = ({ entry: { addedAt, addedBy, url }, remove }: {
  readonly entry: Entry
  /** Undefined: the person may not. */
  readonly remove: (() => void) | undefined
}) => (
  <li>
    <span>
      <code>{url}</code>
      {addedAt === null ? null : (
        <>
          <br />
          <span className="muted small">
            added {addedBy === null ? "" : `by ${addedBy.name} `}
            <Ago at={addedAt} />
          </span>
        </>
      )}
    </span>
    {remove === undefined
      ? null
      : <Button kind="quiet" onClick={remove} aria-label={`Remove ${url}`}>Remove …</Button>}
  </li>
)

/** How many characters of the list's version are shown. */
const shownVersion = 8

/** The repositories that agents of the workspace may check out. */
export const Repositories = () => {
  const workspace = useWorkspace()
  const query = useQuery(repositories(workspace))
  const { role } = useRole()
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<string>()
  const mayEdit = role !== undefined && MemberRules.mayEditWorkspace(role)
  return (
    <section className="card" aria-label="Repositories">
      <header>
        <h2>Repositories</h2>
        {mayEdit ? <Button onClick={() => setAdding(true)}>Add a repository …</Button> : null}
      </header>
      <p className="muted">Agents of the workspace may check out these, and no others.</p>
      {query.data === undefined
        ? query.error === null
          ? <Loading what="the repositories" />
          : <Failure problem={query.error} again={() => void query.refetch()} />
        : query.data.repositories.length === 0
        ? (
          <p>
            No repository is allowed yet. {mayEdit ? "Add the first one." : "Owners and admins add them."}
          </p>
        )
        : (
          <ul className="plain-rows">
            {query.data.repositories.map((entry) => (
              <Row
                key={entry.url}
                entry={entry}
                remove={mayEdit
                  ? () => setRemoving(entry.url)
                  : undefined}
              />
            ))}
          </ul>
        )}
      {query.data === undefined
        ? null
        : (
          <p className="muted small" title={`Daemons compare it with that of their copy: ${query.data.version}`}>
            {query.data.repositories.length} of at most {query.data.max}. Version of the list:{" "}
            <code>{query.data.version.slice(0, shownVersion)}</code>
          </p>
        )}
      {adding ? <Add close={() => setAdding(false)} /> : null}
      {removing === undefined ? null : <Remove url={removing} close={() => setRemoving(undefined)} />}
    </section>
  )
}
