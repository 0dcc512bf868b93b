import { type Identity, Repositories, Repository, type Store, WireError } from "@muster/domain"
import { Effect, Option } from "effect"

/**
 * Fails unless the workspace's list has this address, however it is spelled: a task for another one is refused. The daemon
 * refuses it too, by its own copy of the list.
 */
export const requireListed = Effect.fnUntraced(function*(workspace: Identity.WorkspaceId, url: string) {
  const repositories = yield* Repositories.Repositories
  const found = yield* repositories.list(workspace).pipe(
    Effect.mapError((cause: Store.StoreUnavailable) => WireError.fault("failed to load repositories", cause))
  )
  if (Option.isNone(found)) return yield* WireError.workspaceNotFound()
  if (Repository.isListed(found.value.map(({ url }) => url), url)) return
  return yield* WireError.bad(
    "the repository is not on the workspace's list: an owner or admin can add it with `muster repos add`"
  )
})
