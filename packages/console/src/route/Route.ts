import { type ConsolePage, consolePages } from "@muster/domain"
import { useSyncExternalStore } from "react"

/** Which page the address means, and what its path carries. */
export type Route = { readonly page: ConsolePage; readonly runtimeId?: string }

const routeOf = (path: string): Route => {
  for (const [page, pattern] of Object.entries(consolePages) as ReadonlyArray<[ConsolePage, string]>) {
    if (pattern === path) return { page }
  }
  const runtimeId = /^\/runtimes\/([^/]+)$/.exec(path)?.[1]
  return runtimeId === undefined ? { page: "fleet" } : { page: "runtime", runtimeId: decodeURIComponent(runtimeId) }
}

const subscribe = (notify: () => void) => {
  addEventListener("popstate", notify)
  return () => removeEventListener("popstate", notify)
}

/** Where the console begins. */
export const consoleHome = consolePages.fleet

export const pathTo = {
  runtime: (id: string) => consolePages.runtime.replace(":runtimeId", encodeURIComponent(id))
}

/** Goes to a page without loading it anew. */
export const navigate = (path: string): void => {
  if (path === location.pathname) return
  history.pushState(null, "", path)
  dispatchEvent(new PopStateEvent("popstate"))
  scrollTo(0, 0)
}

export const useRoute = (): Route => routeOf(useSyncExternalStore(subscribe, () => location.pathname))
