import { MemberRules } from "@muster/domain"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { clientOf } from "../api/Client.ts"
import { workspaceSettings } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { useRole } from "../session/useRole.ts"
import { say } from "../ui/Toast.tsx"
import { useWorkspace } from "../workspace/Workspace.ts"

/** The settings of the workspace, which its owners and admins change. */
export const WorkspaceSettings = () => {
  const workspaceId = useWorkspace()
  const queries = useQueryClient()
  const { data, error } = useQuery(workspaceSettings(workspaceId))
  const { role } = useRole()
  const { queryKey } = workspaceSettings(workspaceId)
  const change = async (coAuthoredByEnabled: boolean) => {
    try {
      const saved = await run(
        clientOf().repositories.editSettings({ params: { workspaceId }, payload: { coAuthoredByEnabled } })
      )
      queries.setQueryData(queryKey, saved)
      say("The setting was saved.")
    } catch (problem) {
      say(`${(problem as Error).message}.`, "bad")
    }
  }
  if (data === undefined) return error === null ? null : <p className="notice bad" role="alert">{error.message}.</p>
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={data.coAuthoredByEnabled}
        disabled={role === undefined || !MemberRules.mayEditWorkspace(role)}
        onChange={({ target }) => void change(target.checked)}
      />
      <span>Commits of agents name them as co-authors</span>
    </label>
  )
}
