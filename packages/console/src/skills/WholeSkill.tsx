import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { clientOf } from "../api/Client.ts"
import { Problem } from "../api/Problem.ts"
import { run } from "../api/RunCall.ts"
import { Button } from "../ui/Button.tsx"
import { Modal } from "../ui/Modal.tsx"
import { Failure, Loading } from "../ui/State.tsx"
import { say } from "../ui/Toast.tsx"
import { useWorkspace } from "../workspace/Workspace.ts"
import { originOf } from "./originOf.ts"

/** The dialog of one skill of the library with its files. The skill can be deleted here, after a confirmation. */
const WholeSkill = ({ close, id }: { readonly id: string; readonly close: () => void }) => {
  const workspaceId = useWorkspace()
  const queries = useQueryClient()
  const [sure, setSure] = useState(false)
  const [busy, setBusy] = useState(false)
  const client = clientOf(workspaceId)
  const query = useQuery({
    queryKey: ["in", workspaceId, "skills", id],
    queryFn: ({ signal }) => run(client.skills.one({ params: { skillId: id } }), signal)
  })

  const remove = async () => {
    setBusy(true)
    try {
      await run(client.skills.remove({ params: { skillId: id } }))
      await queries.invalidateQueries({ queryKey: ["in", workspaceId, "skills"], exact: true })
      close()
    } catch (problem) {
      say(`${(problem as Error).message}.`, "bad")
      setBusy(false)
    }
  }

  const origin = query.data === undefined ? "" : originOf(query.data)
  const isAbsent = query.error instanceof Problem && query.error.code === "skill_not_found"
  return (
    <Modal title={query.data?.name ?? "Skill"} close={close} wide>
      {origin === "" ? null : <p className="muted small">From {origin}</p>}
      {isAbsent
        ? <p>This workspace’s library has no such skill. It may have been deleted.</p>
        : query.data === undefined
        ? query.error === null
          ? <Loading what="the skill" />
          : <Failure problem={query.error} again={() => void query.refetch()} />
        : [{ path: "SKILL.md", content: query.data.content, executable: false }, ...query.data.files].map((
          { content, executable, path },
          i
        ) => (
          <details key={path} className="file" open={i === 0}>
            <summary>
              <code>{path}</code>
              {executable === true ? <span className="tag">executable</span> : null}
            </summary>
            <pre tabIndex={0}><code>{content}</code></pre>
          </details>
        ))}
      <div className="actions">
        {query.data === undefined ? null : sure
          ? (
            <>
              <span className="muted">This cannot be undone.</span>
              <Button kind="danger" busy={busy} onClick={() => void remove()}>Delete permanently</Button>
            </>
          )
          : <Button kind="quiet" onClick={() => setSure(true)}>Delete …</Button>}
        <Button onClick={close} data-autofocus>Close</Button>
      </div>
    </Modal>
  )
}

export default WholeSkill
