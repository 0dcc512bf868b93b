import { useQuery } from "@tanstack/react-query"
import { clientOf } from "../api/Client.ts"
import { useReachable } from "../api/Reach.ts"
import { run } from "../api/RunCall.ts"
import type { Liveness } from "../live/useLive.ts"
import { Button } from "../ui/Button.tsx"
import { useNewVersion } from "./useNewVersion.ts"

/** How often a page without events checks whether the server can be reached, in ms. */
const checkEvery = 3_000

/** What concerns every page: that the server cannot be reached, or that it has a newer console. */
export const Notices = ({ live }: { readonly live: Liveness }) => {
  // A page may have nothing to refresh, so it would not find out by itself.
  useQuery({
    queryKey: ["reach"],
    queryFn: ({ signal }) => run(clientOf().health.ready(), signal),
    enabled: live === "polling",
    refetchInterval: checkEvery,
    retry: false
  })
  const isReachable = useReachable()
  const isOld = useNewVersion(live)
  return (
    <>
      {isReachable ? null : (
        <p className="notice bad" role="status">
          The server cannot be reached. This is the last known state; the page tries again every few seconds.
        </p>
      )}
      {isOld
        ? (
          <p className="notice" role="status">
            <span>The server has a new version of this page.</span>
            <Button onClick={() => location.reload()}>Reload</Button>
          </p>
        )
        : null}
    </>
  )
}
