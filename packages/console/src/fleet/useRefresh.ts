import type { Api } from "@muster/domain"
import { useQueryClient } from "@tanstack/react-query"

/** Returns a function that refetches what the page shows of a runtime's workspace. */
export const useRefresh = () => {
  const queries = useQueryClient()
  return (runtime: Api.RuntimeRecord) => queries.invalidateQueries({ queryKey: ["in", runtime.workspaceId] })
}
