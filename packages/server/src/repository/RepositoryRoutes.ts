import {
  Access,
  Api,
  Codec,
  type Identity,
  MemberRules,
  Repositories,
  Repository,
  Wake,
  WireError
} from "@muster/domain"
import { Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Audit } from "../audit/Audit.ts"
import { memberError } from "../membership/refusals.ts"
import { makeWorkspaceView } from "../membership/WorkspaceView.ts"
import { versionOf } from "../runtime/reposOf.ts"

const unable = (cause: unknown) => WireError.fault("failed to load repositories", cause)

const absent = () => WireError.absent("repository")

/** The routes for the repositories and settings of a workspace. */
export const layerRepositoryRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "repositories",
  Effect.fn(function*(handlers) {
    const repositories = yield* Repositories.Repositories
    const view = yield* makeWorkspaceView
    const named = yield* makeNamed
    const changed = yield* makeChanged

    const settings = (id: Identity.WorkspaceId) =>
      repositories.settings(id).pipe(
        Effect.mapError((cause) => WireError.fault("failed to load settings", cause)),
        Effect.flatMap(Option.match({
          onNone: () => Effect.fail(WireError.workspaceNotFound()),
          onSome: Effect.succeed
        }))
      )

    return handlers.handleAll({
      list: Effect.fnUntraced(function*({ params }) {
        const { workspaceId } = yield* view(params.workspaceId)
        const found = yield* Effect.mapError(repositories.list(workspaceId), unable)
        if (Option.isNone(found)) return yield* WireError.workspaceNotFound()
        return {
          repositories: yield* named(workspaceId, found.value),
          version: versionOf(found.value.map(({ url }) => url)),
          max: Repository.maxRepositories
        }
      }),

      add: Effect.fnUntraced(function*({ params, payload }) {
        const { userId, workspaceId } = yield* view(params.workspaceId, MemberRules.mayEditWorkspace)
        const address = yield* addressFrom(Codec.goString(payload.url))
        const { isNew, repository } = yield* repositories.add({ workspaceId, by: userId, address }).pipe(
          Effect.mapError((error) =>
            error._tag === "RepositoriesFull" ? full(error.max) : memberError("add repository")(error)
          )
        )
        if (isNew) yield* changed(workspaceId, "repository.add", repository.url)
        const [record] = yield* named(workspaceId, [repository])
        return { ...record!, added: isNew }
      }),

      remove: Effect.fnUntraced(function*({ params, query }) {
        const { userId, workspaceId } = yield* view(params.workspaceId, MemberRules.mayEditWorkspace)
        const url = Codec.goString(query.url).trim()
        if (url === "") return yield* WireError.required("url")
        const removed = yield* repositories.remove({ workspaceId, by: userId, url }).pipe(
          Effect.mapError(memberError("remove repository"))
        )
        if (!removed) return yield* absent()
        yield* changed(workspaceId, "repository.remove", url)
      }),

      settings: Effect.fnUntraced(function*({ params }) {
        const { workspaceId } = yield* view(params.workspaceId)
        return yield* settings(workspaceId)
      }),

      editSettings: Effect.fnUntraced(function*({ params, payload }) {
        const { userId, workspaceId } = yield* view(params.workspaceId, MemberRules.mayEditWorkspace)
        const before = yield* settings(workspaceId)
        const coAuthored = payload.coAuthoredByEnabled
        const edit = coAuthored == null ? {} : { coAuthoredByEnabled: coAuthored }
        const after = yield* repositories.editSettings({ workspaceId, by: userId, edit }).pipe(
          Effect.mapError(memberError("update settings"))
        )
        if (before.coAuthoredByEnabled !== after.coAuthoredByEnabled) {
          yield* changed(workspaceId, "settings.edit", "co_authored_by_enabled", {
            from: before.coAuthoredByEnabled,
            to: after.coAuthoredByEnabled
          })
        }
        return after
      })
    })
  })
)

/** The address in a body, or one sentence that explains why it is none. */
const addressFrom = Effect.fnUntraced(function*(text: string) {
  if (text.trim() === "") return yield* WireError.required("url")
  return yield* Effect.mapError(Effect.fromResult(Repository.parseUrl(text)), (why) => WireError.bad(why))
})

const full = (max: number) =>
  new WireError.TooMany({
    error: `this workspace has ${max} repositories, which is the maximum: remove some of them`,
    code: "repositories_full"
  })

/** Returns a function that adds the names of members to entries. */
const makeNamed = Effect.map(
  Access.Access,
  (access) =>
    Effect.fnUntraced(function*(id: Identity.WorkspaceId, entries: ReadonlyArray<Repository.Repository>) {
      if (entries.every(({ addedBy }) => addedBy === null)) {
        return entries.map(({ addedAt, url }) => ({ url, addedAt, addedBy: null }))
      }
      const members = yield* Effect.mapError(access.membersOf(id), unable)
      const names = new Map(members.map(({ id, name }) => [id, name]))
      return entries.map(({ addedAt, addedBy, url }) => {
        const name = addedBy === null ? undefined : names.get(addedBy)
        return { url, addedAt, addedBy: addedBy === null || name === undefined ? null : { id: addedBy, name } }
      })
    })
)

/** Returns a function that makes a change known, after it was written. */
const makeChanged = Effect.gen(function*() {
  const audit = yield* Audit
  const wake = yield* Wake.Wake
  return Effect.fnUntraced(function*(
    workspaceId: Identity.WorkspaceId,
    action: "repository.add" | "repository.remove" | "settings.edit",
    name: string,
    details: Readonly<Record<string, boolean>> = {}
  ) {
    yield* wake.publish(Wake.topic.workspace(workspaceId))
    const kind = action === "settings.edit" ? "setting" : "repository"
    yield* audit.record({ action, workspaceId, target: { kind, id: null, name }, details })
  })
})
