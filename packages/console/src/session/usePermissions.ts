import { type Api, Permission } from "@muster/domain"
import { useQuery } from "@tanstack/react-query"
import { me, members } from "../api/Queries.ts"

/**
 * Returns whether the signed-in person can do an action with a runtime. True while that is unknown: the server decides, and
 * its refusal names the next step.
 */
export const usePermissions = (runtime: Api.RuntimeRecord) => {
  const { data: person } = useQuery(me)
  const { data: people } = useQuery(members(runtime.workspaceId))
  const role = people?.find(({ id }) => id === person?.id)?.role
  return (action: Permission.RuntimeAction): boolean => {
    if (person === undefined || role === undefined) return true
    const visibility = runtime.visibility === "public" ? "public" : "private"
    return Permission.mayAct(action, Permission.standingOf(role, person.id, { ownerId: runtime.ownerId, visibility }))
  }
}
