import type { Identity } from "@muster/domain"
import { useQuery } from "@tanstack/react-query"
import { createContext, useContext, useState } from "react"
import { workspaces } from "../api/Queries.ts"
import { store, stored } from "../ui/Storage.ts"

const key = "workspace"

/** The workspace of the page. */
export const CurrentWorkspace = createContext<Identity.WorkspaceId | undefined>(undefined)

/** Returns the current workspace's id. Throws outside the shell. */
export const useWorkspace = (): Identity.WorkspaceId => {
  const workspace = useContext(CurrentWorkspace)
  if (workspace === undefined) throw new Error("no workspace around this component")
  return workspace
}

/** Chooses a workspace for the next time that the page is loaded. */
export const keepWorkspace = (id: Identity.WorkspaceId): void => store(key, id)

/** The person's workspaces and the current one: the last chosen one if they are still a member, else the first. */
export const useChosenWorkspace = () => {
  const query = useQuery(workspaces)
  const [chosen, setChosen] = useState(() => stored(key))
  const current = query.data?.find(({ id }) => id === chosen) ?? query.data?.[0]
  const choose = (id: Identity.WorkspaceId) => {
    keepWorkspace(id)
    setChosen(id)
  }
  return { all: query.data ?? [], current, choose, query }
}
