import { type Identity, Repository } from "@muster/domain"
import { Conditions } from "@muster/kit"
import { Clock, Context, Duration, Effect, Layer, Ref, Semaphore } from "effect"
import { type ListedWorkspace, ServerApi } from "../client/ServerApi.ts"
import { serverDown } from "../client/ServerWatch.ts"

/** What the daemon knows of a workspace. */
interface Known {
  readonly urls: ReadonlyArray<string>
  /** Of `urls`; null: the server lists the repositories themselves, or nothing is known yet. */
  readonly version: string | null
  readonly settings: Repository.Settings
  /** When `isAllowed` last asked the server, epoch ms. */
  readonly askedAt: number
}

const unknown: Known = { urls: [], version: null, settings: Repository.settingsIn({}), askedAt: 0 }

type State = ReadonlyMap<Identity.WorkspaceId, Known>

/** The pause between two questions to the server about addresses that the list does not have. */
const askAgainAfter = Duration.toMillis("5 seconds")

/** The state after the server listed the workspaces; a list of which only the version was given stays as it is. */
const withListing = (state: State, workspaces: ReadonlyArray<ListedWorkspace>): State =>
  new Map(workspaces.map(({ id, repositories, settings }) => {
    const known = state.get(id) ?? unknown
    const list = repositories === undefined ? {} : { urls: repositories, version: null }
    return [id, { ...known, ...list, settings: settings ?? known.settings }]
  }))

/**
 * The repositories that agents may check out, per workspace, and the workspace's settings: the daemon's own copy, so that a
 * forged task gets nothing else. The listing of workspaces, every 30 s, brings the list itself (for a person's token) or
 * its version (for a machine's credential); a new version is fetched. A workspace that is not listed allows nothing.
 */
export class AllowedRepositories extends Context.Service<AllowedRepositories, {
  /** Takes over a listing. Fetches the lists whose version is new; one that cannot be fetched stays as it is. */
  readonly listed: (workspaces: ReadonlyArray<ListedWorkspace>) => Effect.Effect<void>
  /**
   * Whether the workspace's list has this address, however it is spelled. An address that it does not have may be new:
   * asks the server once, at most every 5 s. If the server does not answer, it is not allowed.
   */
  readonly isAllowed: (workspace: Identity.WorkspaceId, url: string) => Effect.Effect<boolean>
  /** The defaults for a workspace that is not listed. */
  readonly settings: (workspace: Identity.WorkspaceId) => Effect.Effect<Repository.Settings>
}>()("@muster/daemon/repository/AllowedRepositories") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const ref = yield* Ref.make<State>(new Map())
      const known = (id: Identity.WorkspaceId) => Effect.map(Ref.get(ref), (state) => state.get(id))
      const asking = yield* Semaphore.make(1)
      const fetch = yield* makeFetch(ref)

      const isListed = (id: Identity.WorkspaceId, url: string) =>
        Effect.map(known(id), (found) => found !== undefined && Repository.isListed(found.urls, url))

      /** Whether the server may be asked about this workspace again; notes that it is. */
      const takeTurn = (id: Identity.WorkspaceId) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          Ref.modify(ref, (state) => {
            const found = state.get(id)
            return found === undefined || now - found.askedAt < askAgainAfter
              ? [false, state]
              : [true, new Map(state).set(id, { ...found, askedAt: now })]
          }))

      return AllowedRepositories.of({
        listed: Effect.fnUntraced(function*(workspaces) {
          const before = yield* Ref.getAndUpdate(ref, (state) => withListing(state, workspaces))
          const changed = workspaces.filter(({ id, repositoriesVersion: version }) =>
            version !== undefined && version !== before.get(id)?.version
          )
          yield* Effect.forEach(changed, fetch, { discard: true })
        }),
        isAllowed: Effect.fn("AllowedRepositories.isAllowed")(function*(id, url) {
          if (yield* isListed(id, url)) return true
          const ask = Effect.gen(function*() {
            if (yield* isListed(id, url)) return
            if (yield* takeTurn(id)) yield* fetch({ id })
          })
          yield* asking.withPermits(1)(ask)
          return yield* isListed(id, url)
        }),
        settings: (id) => Effect.map(known(id), (found) => (found ?? unknown).settings)
      })
    })
  )
}

/** Returns a function that loads the list of a workspace. A failure is one condition and changes nothing. */
const makeFetch = Effect.fnUntraced(function*(ref: Ref.Ref<State>) {
  const server = yield* ServerApi
  const conditions = yield* Conditions
  return ({ id, name = id }: { readonly id: Identity.WorkspaceId; readonly name?: string }) => {
    const condition = `repositories:${id}`
    return server.repositories(id).pipe(
      Effect.flatMap(({ urls, version }) =>
        Ref.update(ref, (state) => {
          const found = state.get(id)
          return found === undefined ? state : new Map(state).set(id, { ...found, urls, version })
        })
      ),
      Effect.andThen(conditions.end(condition, `loading the repositories of workspace ${name} works again`)),
      Effect.catch((error) =>
        conditions.begin(
          condition,
          `cannot load the repositories of workspace ${name}: ${error.message}; using the last known list`,
          { because: serverDown }
        )
      )
    )
  }
})
