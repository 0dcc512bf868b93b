import { type Api, Model } from "@muster/domain"
import { useQueryClient } from "@tanstack/react-query"
import { clientOf } from "../api/Client.ts"
import { run } from "../api/RunCall.ts"
import { say } from "../ui/Toast.tsx"
import type { Models } from "./useModels.ts"

/** The model that tasks of a runtime use if they name none: kept on the server, for everyone who may use the runtime. */
export const useDefaultModel = (runtime: Api.RuntimeRecord) => {
  const queries = useQueryClient()
  return {
    chosen: runtime.defaultModel,
    /** Why it needs attention, by the list of the runtime's models. */
    noteOf: ({ listing }: Models) =>
      runtime.defaultModel === undefined
        ? undefined
        : Model.defaultModelNote(runtime.defaultModel, listing?.models ?? [], runtime.name),
    /** Undefined: none, the CLI decides. A refusal is shown with its next step. */
    choose: async (id: string | undefined) => {
      try {
        await run(
          clientOf(runtime.workspaceId).runtimes.edit({
            params: { runtimeId: runtime.id },
            payload: { default_model: id ?? "" }
          })
        )
        await queries.invalidateQueries({ queryKey: ["in", runtime.workspaceId] })
        say(
          id === undefined
            ? `${runtime.name} has no default model now.`
            : `Tasks of ${runtime.name} use ${id} if they name no model.`
        )
      } catch (problem) {
        say(`${(problem as Error).message}.`, "bad")
      }
    }
  }
}
