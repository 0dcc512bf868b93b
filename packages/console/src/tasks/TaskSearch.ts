import { changeSearch, useSearch } from "../route/Route.ts"
import type { TaskStatus } from "./TaskLabels.ts"

/** The statuses that a chip of the list stands for. */
const groups = {
  queued: ["queued"],
  active: ["dispatched", "running", "cancelling"],
  completed: ["completed"],
  failed: ["failed"],
  canceled: ["cancelled"]
} as const satisfies Record<string, ReadonlyArray<TaskStatus>>

export type StatusGroup = keyof typeof groups

/** What the list of tasks shows, as its address has it. */
export interface TaskSearch {
  /** Undefined: every status. */
  readonly status: StatusGroup | undefined
  /** The id of a runtime; empty: every runtime. */
  readonly runtime: string
  /** Only the person's own. */
  readonly mine: boolean
  /** The cursor of the page; empty: the newest tasks. */
  readonly after: string
}

const isGroup = (text: string | null): text is StatusGroup => text !== null && Object.hasOwn(groups, text)

/** Reads the query of an address. What it does not know is left out: an address may come from another version. */
export const readTaskSearch = (search: string): TaskSearch => {
  const parameters = new URLSearchParams(search)
  const status = parameters.get("status")
  return {
    status: isGroup(status) ? status : undefined,
    runtime: parameters.get("runtime") ?? "",
    mine: parameters.get("by") === "me",
    after: parameters.get("after") ?? ""
  }
}

/** The query of the list's address, with its `?`; empty for defaults. */
export const writeTaskSearch = ({ after = "", mine = false, runtime = "", status }: Partial<TaskSearch>): string => {
  const text = new URLSearchParams({
    ...(status !== undefined && { status }),
    ...(runtime !== "" && { runtime }),
    ...(mine && { by: "me" }),
    ...(after !== "" && { after })
  }).toString()
  return text === "" ? "" : `?${text}`
}

/** The parameters of the API. */
export const parametersOf = ({ after, mine, runtime, status }: TaskSearch) => ({
  ...(status !== undefined && { status: groups[status].join(",") }),
  ...(runtime !== "" && { runtime_id: runtime }),
  ...(mine && { by: "me" }),
  ...(after !== "" && { after })
})

let last = ""

/** The query that the list had last, for links back to it. */
export const lastTaskSearch = (): string => last

export const useTaskSearch = () => {
  last = useSearch()
  const search = readTaskSearch(last)
  return {
    search,
    /** A change of a filter begins with the newest tasks. */
    change: (change: Partial<TaskSearch>) => changeSearch(writeTaskSearch({ ...search, after: "", ...change }), true)
  }
}
