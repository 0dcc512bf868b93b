import { Repository, Workspace } from "@muster/domain"
import { hash } from "node:crypto"

/** Returns the version of a list of URLs. Source: `docs/protocol.md` 5.2, `repos_version`. */
export const versionOf = (urls: ReadonlyArray<string>): string => hash("sha256", Repository.versionSource(urls), "hex")

/** Returns a workspace's repositories for daemons, with the version of the list. Source: `docs/protocol.md` 5.2, 5.5. */
export const reposOf = ({ repos }: Workspace.Workspace) => {
  const urls = Repository.repositoriesIn(repos).slice(0, Workspace.maxRepos).map(({ url }) => url)
  return { repos: urls.map((url) => ({ url })), reposVersion: versionOf(urls) }
}
