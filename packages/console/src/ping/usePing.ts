import { type Api, PingLights } from "@muster/domain"
import { useQuery } from "@tanstack/react-query"
import { queryOptions } from "@tanstack/react-query"
import { clientOf } from "../api/Client.ts"
import { runLong } from "../api/RunCall.ts"
import { follow } from "../request/FollowRequest.ts"

/** The query that pings one runtime and waits for the result. */
export const ping = ({ id, workspaceId }: Api.RuntimeRecord) =>
  queryOptions({
    queryKey: ["ping", id],
    queryFn: ({ signal }) => {
      const { ping } = clientOf(workspaceId)
      const ask = ping.ask({ params: { runtimeId: id } })
      return runLong(
        follow(ask, (requestId, query) => ping.look({ params: { runtimeId: id, requestId }, query }), () => {}),
        signal
      )
    },
    staleTime: 60_000,
    retry: false
  })

/** The three lights of a runtime and when they were checked (epoch ms). Sends no ping on its own. */
export const usePing = (runtime: Api.RuntimeRecord) => {
  const query = useQuery({ ...ping(runtime), enabled: false })
  const lights = PingLights.withoutPing(runtime) ??
    (query.data === undefined ? undefined : PingLights.fromPing(query.data, runtime.cli ?? null)) ??
    PingLights.unpinged(runtime)
  return { lights, busy: query.isFetching, at: query.data === undefined ? undefined : query.dataUpdatedAt, query }
}
