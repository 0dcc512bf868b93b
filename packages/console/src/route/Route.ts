import { ConsolePages } from "@muster/domain"
import { useSyncExternalStore } from "react"

/** The page of a path and its parameters. */
export type Route = { readonly page: ConsolePages.ConsolePage; readonly runtimeId?: string }

const routeOf = (path: string): Route => {
  for (const [page, pattern] of Object.entries(ConsolePages.all) as ReadonlyArray<[ConsolePages.ConsolePage, string]>) {
    if (pattern === path) return { page }
  }
  const runtimeId = /^\/runtimes\/([^/]+)$/.exec(path)?.[1]
  return runtimeId === undefined ? { page: "fleet" } : { page: "runtime", runtimeId: decodeURIComponent(runtimeId) }
}

const subscribe = (notify: () => void) => {
  addEventListener("popstate", notify)
  return () => removeEventListener("popstate", notify)
}

/** The path of the console's first page. */
export const consoleHome = ConsolePages.all.fleet

export const pathTo = {
  runtime: (id: string) => ConsolePages.all.runtime.replace(":runtimeId", encodeURIComponent(id))
}

/** Navigates to a page without reloading. */
export const navigate = (path: string): void => {
  if (path === location.pathname) return
  history.pushState(null, "", path)
  dispatchEvent(new PopStateEvent("popstate"))
  scrollTo(0, 0)
}

export const useRoute = (): Route => routeOf(useSyncExternalStore(subscribe, () => location.pathname))
