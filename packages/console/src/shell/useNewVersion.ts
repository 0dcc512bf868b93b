import { useQuery } from "@tanstack/react-query"
import type { Liveness } from "../live/useLive.ts"

/** How often a page that stays open looks for a new version, in ms. */
const lookEvery = 10 * 60_000

const scriptIn = (page: string): string | undefined => /<script[^>]+src="(\/assets\/[^"]+)"/.exec(page)?.[1]

/** The script of this page. Its name contains a hash of its content. */
const own = scriptIn(document.documentElement.outerHTML)

/** Whether the server has another version of the console than this page: after a restart of the server, or an update. */
export const useNewVersion = (live: Liveness): boolean => {
  const { data } = useQuery({
    // A new connection may be to a new server.
    queryKey: ["console", live === "live"],
    queryFn: async ({ signal }) => {
      const response = await fetch("/", { signal, cache: "no-cache", headers: { accept: "text/html" } })
      return response.ok ? scriptIn(await response.text()) ?? null : null
    },
    enabled: live === "live" && own !== undefined,
    staleTime: 0,
    refetchInterval: lookEvery,
    retry: false
  })
  return data !== undefined && data !== null && data !== own
}
