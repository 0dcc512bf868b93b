import { type Api, Fleet, type Identity } from "@muster/domain"
import { keepPreviousData, queryOptions, useQueries, useQuery } from "@tanstack/react-query"
import { Effect, Fiber } from "effect"
import { useEffect, useState } from "react"
import { clientOf } from "../api/Client.ts"
import { run, runLong } from "../api/RunCall.ts"
import { useInterval } from "../live/useLive.ts"
import { useWorkspace } from "../workspace/Workspace.ts"
import { type FleetSearch, writeSearch } from "./FleetSearch.ts"

/** How many runtimes one call loads. */
const pageSize = Fleet.defaultPage

type Parameters = ReturnType<typeof writeSearch>

/** The parameters of the API: its default is no grouping. */
const parametersOf = (search: FleetSearch): Omit<Parameters, "group"> & { readonly group: Fleet.Grouping } => ({
  ...writeSearch(search),
  group: search.group
})

/** A page of the fleet that begins after `offset` runtimes. */
const fleetPage = (workspace: Identity.WorkspaceId, parameters: ReturnType<typeof parametersOf>, offset: number) =>
  queryOptions({
    queryKey: ["in", workspace, "fleet", parameters, offset],
    queryFn: ({ signal }) =>
      run(
        clientOf(workspace).fleet.page({
          query: { ...parameters, limit: String(pageSize), ...(offset > 0 && { offset: String(offset) }) }
        }),
        signal
      )
  })

/** Loads all runtimes that match, page by page. */
export const loadMatching = (
  workspace: Identity.WorkspaceId,
  search: FleetSearch
): Promise<ReadonlyArray<Api.FleetItem>> =>
  runLong(Effect.gen(function*() {
    const { group: _, ...parameters } = writeSearch(search)
    const found: Array<Api.FleetItem> = []
    let cursor: string | null | undefined
    while (cursor !== null) {
      const query = {
        ...parameters,
        sort: "name",
        limit: String(Fleet.maxPage),
        ...(cursor !== undefined && { cursor })
      }
      const page: Api.FleetPageRecord = yield* clientOf(workspace).fleet.page({ query })
      found.push(...page.items)
      cursor = page.next
    }
    return found
  }))

/** How long the page waits for the next letter before it searches. */
const pause = "180 millis"

/** A text once it has not changed for `pause`. */
const useSettled = (text: string): string => {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    if (text === settled) return
    const waiting = Effect.runFork(Effect.andThen(Effect.sleep(pause), Effect.sync(() => setSettled(text))))
    return () => void Effect.runFork(Fiber.interrupt(waiting))
  }, [settled, text])
  return settled
}

/** The first page of what the search finds, with counts and groups. While a new search runs, the last result stays. */
export const useFleet = (search: FleetSearch) => {
  const workspace = useWorkspace()
  const settled = { ...search, q: useSettled(search.q) }
  const parameters = parametersOf(settled)
  const query = useQuery({
    ...fleetPage(workspace, parameters, 0),
    placeholderData: keepPreviousData,
    refetchInterval: useInterval()
  })
  return { query, parameters }
}

/** Returns the runtimes of a search at the given indices; undefined while they load. Loads the pages that have them. */
export const useItems = (
  { parameters, query }: ReturnType<typeof useFleet>,
  from: number,
  to: number
): (index: number) => Api.FleetItem | undefined => {
  const workspace = useWorkspace()
  const first = query.data
  const pages = new Set<number>()
  for (let page = Math.floor(from / pageSize); page * pageSize < Math.min(to, first?.total ?? 0); page++) {
    pages.add(page)
  }
  pages.delete(0)
  const interval = useInterval()
  const later = useQueries({
    queries: query.isPlaceholderData
      ? []
      : [...pages].map((page) => ({ ...fleetPage(workspace, parameters, page * pageSize), refetchInterval: interval })),
    combine: (results) => {
      const items = new Map<number, Api.FleetItem>()
      results.forEach(({ data }, i) => {
        const offset = [...pages][i]! * pageSize
        data?.items.forEach((item, j) => items.set(offset + j, item))
      })
      return items
    }
  })
  return (index) => index < pageSize ? first?.items[index] : later.get(index)
}
