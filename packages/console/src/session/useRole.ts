import type { Identity } from "@muster/domain"
import { useQuery } from "@tanstack/react-query"
import { me, members } from "../api/Queries.ts"
import { useWorkspace } from "../workspace/Workspace.ts"

/** The signed-in person's id and role in the current workspace; undefined while they load. */
export const useRole = (): {
  readonly userId: Identity.UserId | undefined
  readonly role: Identity.Role | undefined
} => {
  const { data: person } = useQuery(me)
  const { data: people } = useQuery(members(useWorkspace()))
  return { userId: person?.id, role: people?.find(({ id }) => id === person?.id)?.role }
}
