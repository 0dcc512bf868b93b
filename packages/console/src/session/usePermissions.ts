import { type Api, type Identity, Permission } from "@muster/domain"
import { useQuery } from "@tanstack/react-query"
import { me, members } from "../api/Queries.ts"

type Asked = Pick<Api.RuntimeRecord, "ownerId" | "visibility">

/**
 * Returns whether the signed-in person can do an action with a runtime of a workspace. True while that is unknown: the
 * server decides, and its refusal names the next step.
 */
export const useMay = (workspace: Identity.WorkspaceId) => {
  const { data: person } = useQuery(me)
  const { data: people } = useQuery(members(workspace))
  const role = people?.find(({ id }) => id === person?.id)?.role
  return ({ ownerId, visibility }: Asked, action: Permission.RuntimeAction): boolean => {
    if (person === undefined || role === undefined) return true
    const standing = { ownerId, visibility: visibility === "public" ? "public" : "private" } as const
    return Permission.mayAct(action, Permission.standingOf(role, person.id, standing))
  }
}

/** The same for one runtime. */
export const usePermissions = (runtime: Api.RuntimeRecord) => {
  const may = useMay(runtime.workspaceId)
  return (action: Permission.RuntimeAction): boolean => may(runtime, action)
}
