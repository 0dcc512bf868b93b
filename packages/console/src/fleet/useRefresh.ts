import type { RuntimeRecord } from "@muster/domain"
import { useQueryClient } from "@tanstack/react-query"

/** Lets the page ask again for what it shows of a runtime's workspace. */
export const useRefresh = () => {
  const queries = useQueryClient()
  return (runtime: RuntimeRecord) => queries.invalidateQueries({ queryKey: ["in", runtime.workspaceId] })
}
