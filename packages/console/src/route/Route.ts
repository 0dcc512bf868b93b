import { ConsolePages } from "@muster/domain"
import { useSyncExternalStore } from "react"

/** The page of a path, and the id in the path if the page has one. */
export type Route = { readonly page: ConsolePages.ConsolePage | "unknown"; readonly id?: string }

/** The pages whose path ends with an id, by the path before it. */
const withId = {
  runtimes: "runtime",
  tasks: "task",
  machines: "machine",
  skills: "skill",
  requests: "request"
} as const

const inPath = new RegExp(`^/(${Object.keys(withId).join("|")})/([^/]+)$`)

/** Decodes a part of a path; a part that cannot be decoded is returned as it is. */
const decoded = (part: string) => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

const routeOf = (path: string): Route => {
  for (const [page, pattern] of Object.entries(ConsolePages.all) as ReadonlyArray<[ConsolePages.ConsolePage, string]>) {
    if (pattern === path) return { page }
  }
  const [, folder, id] = inPath.exec(path) ?? []
  if (folder === undefined || id === undefined) return { page: "unknown" }
  return { page: withId[folder as keyof typeof withId], id: decoded(id) }
}

const subscribe = (notify: () => void) => {
  addEventListener("popstate", notify)
  return () => removeEventListener("popstate", notify)
}

/** The path of the console's first page. */
export const consoleHome = ConsolePages.all.fleet

export const pathTo = {
  runtime: (id: string) => ConsolePages.all.runtime.replace(":runtimeId", encodeURIComponent(id)),
  task: (id: string) => ConsolePages.all.task.replace(":taskId", encodeURIComponent(id)),
  machine: (id: string) => ConsolePages.all.machine.replace(":machineId", encodeURIComponent(id)),
  skill: (id: string) => ConsolePages.all.skill.replace(":skillId", encodeURIComponent(id)),
  request: (id: string) => ConsolePages.all.request.replace(":requestId", encodeURIComponent(id))
}

/** The page's address within the console: its path and its query. */
const here = () => location.pathname + location.search

const moved = () => dispatchEvent(new PopStateEvent("popstate"))

/** Navigates to a page without reloading. */
export const navigate = (path: string): void => {
  if (path === here()) return
  history.pushState(null, "", path)
  moved()
  scrollTo(0, 0)
}

/** Changes the query of the page. With `keep`, the browser's back button returns to the present one. */
export const changeSearch = (search: string, keep: boolean): void => {
  if (search === location.search) return
  const address = location.pathname + search
  if (keep) history.pushState(null, "", address)
  else history.replaceState(null, "", address)
  moved()
}

export const useRoute = (): Route => routeOf(useSyncExternalStore(subscribe, () => location.pathname))

/** The query of the page's address, with its `?`; empty if there is none. */
export const useSearch = (): string => useSyncExternalStore(subscribe, () => location.search)
