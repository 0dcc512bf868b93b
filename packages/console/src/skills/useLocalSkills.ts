import type { Api } from "@muster/domain"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { clientOf } from "../api/Client.ts"
import { Problem } from "../api/Problem.ts"
import { runLong } from "../api/RunCall.ts"
import { follow } from "../request/FollowRequest.ts"
import { timedOutWaiting } from "../request/RequestStages.tsx"

/** The skills on a runtime's machine, requested from its daemon. */
export const useLocalSkills = ({ id, status, workspaceId }: Api.RuntimeRecord) => {
  const queries = useQueryClient()
  const wayKey = ["way", "skills", id] as const
  const query = useQuery({
    queryKey: ["local-skills", id],
    enabled: status === "online",
    staleTime: 60_000,
    retry: false,
    refetchOnWindowFocus: false,
    queryFn: async ({ signal }) => {
      const { requests } = clientOf(workspaceId)
      const record = await runLong(
        follow(
          requests.askLocalSkillList({ params: { runtimeId: id } }),
          (requestId, query) => requests.lookLocalSkillList({ params: { runtimeId: id, requestId }, query }),
          (record) => queries.setQueryData(wayKey, record)
        ),
        signal
      )
      if (record.status === "completed") return record
      const where = record.status === "failed"
        ? ""
        : timedOutWaiting(record)
        ? "waiting for the daemon: "
        : "on the machine: "
      throw new Problem(where + (record.error ?? "no reason given"), record.status)
    }
  })
  return query
}
