import { useQuery } from "@tanstack/react-query"
import { runtime as runtimeQuery } from "../api/Queries.ts"
import { Icon } from "../ui/Icon.tsx"
import { onDemand } from "../ui/OnDemand.tsx"
import { useWorkspace } from "../workspace/Workspace.ts"

export interface RuntimeFilterProps {
  /** The id of the chosen runtime; empty: every runtime. */
  readonly runtime: string
  readonly choose: (runtime: string) => void
}

const List = onDemand<RuntimeFilterProps>(() => import("./OpenRuntimeFilter.tsx"))

/** The chip that chooses the runtime whose tasks are listed. */
export const RuntimeFilter = ({ choose, runtime }: RuntimeFilterProps) => {
  const { data } = useQuery({ ...runtimeQuery(useWorkspace(), runtime), enabled: runtime !== "" })
  const name = data === null ? "a deleted runtime" : data?.name ?? "…"
  return (
    <List
      runtime={runtime}
      choose={choose}
      button={{ className: `chip ${runtime === "" ? "" : "chip-on"}`, "aria-haspopup": "dialog" }}
    >
      <span className="chip-text">{runtime === "" ? "Runtime" : `Runtime: ${name}`}</span>
      <Icon name="down" />
    </List>
  )
}
