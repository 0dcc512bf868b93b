import type { Api } from "@muster/domain"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { store, stored } from "../ui/Storage.ts"

/** The model that the person chose for a runtime, stored in this browser. */
export const useChosen = (runtime: Api.RuntimeRecord) => {
  const queries = useQueryClient()
  const name = `chosen:${runtime.daemonId ?? ""}:${runtime.provider}`
  const queryKey = ["chosen", name]
  const { data } = useQuery({ queryKey, queryFn: () => stored(name) ?? null, staleTime: Infinity })
  return {
    chosen: data ?? undefined,
    choose: (id: string | undefined) => {
      store(name, id)
      queries.setQueryData(queryKey, id ?? null)
    }
  }
}
