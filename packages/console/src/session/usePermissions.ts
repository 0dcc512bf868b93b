import { mayAct, type RuntimeAction, type RuntimeRecord, standingOf } from "@muster/domain"
import { useQuery } from "@tanstack/react-query"
import { me, members } from "../api/Queries.ts"

/**
 * Whether the person who looks may do something with a runtime. True while it is not known: the server decides anyway, and
 * its refusal says what to do.
 */
export const usePermissions = (runtime: RuntimeRecord) => {
  const { data: person } = useQuery(me)
  const { data: people } = useQuery(members(runtime.workspaceId))
  const role = people?.find(({ id }) => id === person?.id)?.role
  return (action: RuntimeAction): boolean => {
    if (person === undefined || role === undefined) return true
    const visibility = runtime.visibility === "public" ? "public" : "private"
    return mayAct(action, standingOf(role, person.id, { ownerId: runtime.ownerId, visibility }))
  }
}
