import type { Api } from "@muster/domain"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { clientOf } from "../api/Client.ts"
import { Problem } from "../api/Problem.ts"
import { runLong } from "../api/RunCall.ts"
import { follow } from "../request/FollowRequest.ts"
import { timedOutWaiting } from "../request/RequestStages.tsx"
import { momentNow } from "../ui/Clock.ts"
import { recallSkills, rememberSkills } from "./StoredSkills.ts"

/** The skills on a runtime's machine: the last list of this browser. The daemon is asked only by `refetch`. */
export const useLocalSkills = (runtime: Api.RuntimeRecord) => {
  const { id, workspaceId } = runtime
  const queries = useQueryClient()
  const wayKey = ["way", "skills", id] as const
  const query = useQuery({
    queryKey: ["local-skills", id],
    enabled: false,
    initialData: () => recallSkills(runtime),
    initialDataUpdatedAt: () => recallSkills(runtime)?.at,
    gcTime: Infinity,
    retry: false,
    refetchOnWindowFocus: false,
    queryFn: async ({ signal }) => {
      const { localSkillList } = clientOf(workspaceId)
      const record = await runLong(
        follow(
          localSkillList.ask({ params: { runtimeId: id } }),
          (requestId, query) => localSkillList.look({ params: { runtimeId: id, requestId }, query }),
          (record) => queries.setQueryData(wayKey, record)
        ),
        signal
      )
      if (record.status === "completed") {
        const { left_out, omitted, skills, supported } = record
        const listed = {
          at: momentNow(),
          ...(skills !== undefined && { skills }),
          ...(omitted !== undefined && { omitted }),
          ...(supported !== undefined && { supported }),
          ...(left_out !== undefined && { left_out })
        }
        rememberSkills(runtime, listed)
        return listed
      }
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
