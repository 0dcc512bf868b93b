import { Workspace } from "@muster/domain"
import { Predicate } from "effect"
import { hash } from "node:crypto"

/** Returns the workspace's repositories for daemons: trimmed, without blanks and duplicates, with a version of the list. */
export const reposOf = (workspace: Workspace.Workspace) => {
  const urls = new Set<string>()
  for (const repo of workspace.repos) {
    if (urls.size >= Workspace.maxRepos) break
    const url = Predicate.isObject(repo) ? (repo as Record<string, unknown>)["url"] : undefined
    if (typeof url === "string" && url.trim() !== "") urls.add(url.trim())
  }
  return {
    repos: [...urls].map((url) => ({ url })),
    reposVersion: hash("sha256", [...urls].toSorted().join("\n"), "hex")
  }
}
