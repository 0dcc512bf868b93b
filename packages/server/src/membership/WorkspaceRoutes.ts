import { Access, Api, Codec, MemberRules, Membership, Wake, WireError, Workspace } from "@muster/domain"
import { Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Audit } from "../audit/Audit.ts"
import { Departures } from "./Departures.ts"
import { makeInvitations } from "./Invitations.ts"
import { makeMembers } from "./Members.ts"
import { memberError } from "./refusals.ts"
import { makeWorkspaceView } from "./WorkspaceView.ts"

/** The routes for one workspace, its members and invitations. Source: `docs/protocol.md` 3.9. */
export const layerWorkspaceRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "workspaces",
  Effect.fn(function*(handlers) {
    const access = yield* Access.Access
    const membership = yield* Membership.Membership
    const departures = yield* Departures
    const audit = yield* Audit
    const wake = yield* Wake.Wake
    const view = yield* makeWorkspaceView
    const members = yield* makeMembers
    const invitations = yield* makeInvitations

    const edit = Effect.fnUntraced(function*({ params, payload }: Edited) {
      const { userId, workspaceId } = yield* view(params.workspaceId, MemberRules.mayEditWorkspace)
      const change = yield* editFrom(payload)
      const edited = yield* membership.editWorkspace({ workspaceId, by: userId, edit: change }).pipe(
        Effect.mapError((error) =>
          error._tag === "SlugTaken" ? WireError.slugTaken() : memberError("update workspace")(error)
        )
      )
      yield* wake.publish(Wake.topic.workspace(workspaceId))
      yield* audit.record({
        action: "workspace.edit",
        workspaceId,
        target: { kind: "workspace", id: workspaceId, name: edited.name },
        details: detailsOf(change)
      })
      return edited
    })

    const contentsOf = (id: Membership.Place["workspaceId"]) =>
      membership.contentsOf(id).pipe(
        Effect.mapError((cause) => WireError.fault("failed to load workspace", cause)),
        Effect.flatMap(Option.match({
          onNone: () => Effect.fail(WireError.workspaceNotFound()),
          onSome: Effect.succeed
        }))
      )

    return handlers.handleAll({
      one: Effect.fnUntraced(function*({ params }) {
        const { workspaceId } = yield* view(params.workspaceId)
        const found = yield* access.workspace(workspaceId).pipe(
          Effect.mapError((cause) => WireError.fault("failed to load workspace", cause))
        )
        return Option.isSome(found) ? found.value : yield* WireError.workspaceNotFound()
      }),

      edit,
      replace: edit,

      contents: Effect.fnUntraced(function*({ params }) {
        const { workspaceId } = yield* view(params.workspaceId, MemberRules.mayDeleteWorkspace)
        return yield* contentsOf(workspaceId)
      }),

      remove: Effect.fn("Server.deleteWorkspace")(function*({ params, query }) {
        const { userId, workspaceId } = yield* view(params.workspaceId, MemberRules.mayDeleteWorkspace)
        const confirm = query.confirm ?? ""
        const departed = yield* membership.deleteWorkspace({ workspaceId, by: userId, confirm }).pipe(
          Effect.catch((error) =>
            error._tag === "NotConfirmed"
              ? Effect.flatMap(contentsOf(workspaceId), (contents) => Effect.fail(notConfirmed(error.slug, contents)))
              : Effect.fail(memberError("delete workspace")(error))
          )
        )
        yield* departures.announce(workspaceId, null, departed)
        yield* audit.record({
          action: "workspace.delete",
          target: { kind: "workspace", id: workspaceId, name: confirm },
          details: { slug: confirm, runtimes: departed.runtimes.length }
        })
      }),

      leave: members.leave,
      members: members.list,
      changeRole: members.changeRole,
      removeMember: members.remove,
      inviteMember: (input) => invitations.invite(input, "required"),
      invite: (input) => invitations.invite(input, "optional"),
      invitations: invitations.list,
      revokeInvitation: invitations.revoke
    })
  })
)

interface Edited {
  readonly params: { readonly workspaceId: string }
  readonly payload: {
    readonly name?: string | null
    readonly slug?: string | null
    readonly description?: string | null
    readonly context?: string | null
    readonly issuePrefix?: string | null
    readonly settings?: Workspace.Workspace["settings"] | null
    readonly repos?: Workspace.Workspace["repos"] | null
  }
}

/** Returns the change that a PATCH requests: what is absent or null stays. */
const editFrom = Effect.fnUntraced(function*({ repos, settings, ...texts }: Edited["payload"]) {
  const edit: { -readonly [K in keyof Membership.WorkspaceEdit]: Membership.WorkspaceEdit[K] } = {}
  if (texts.name != null) {
    edit.name = texts.name.trim()
    if (edit.name === "") return yield* WireError.required("name")
  }
  if (texts.slug != null) {
    edit.slug = Codec.goString(texts.slug).toLowerCase()
    const refused = Workspace.refuse("any", edit.slug)
    if (refused !== undefined) return yield* edit.slug === "" ? WireError.required("slug") : WireError.bad(refused)
  }
  if (texts.description != null) edit.description = Codec.goString(texts.description) || null
  if (texts.context != null) edit.context = Codec.goString(texts.context) || null
  const prefix = Codec.goString(texts.issuePrefix)
  if (prefix !== "") edit.issuePrefix = prefix
  if (settings != null) edit.settings = settings
  if (repos != null) edit.repos = repos
  return edit
})

/** The new names; of longer fields only that they changed. */
const detailsOf = ({ name, slug, ...rest }: Membership.WorkspaceEdit) => ({
  ...(name === undefined ? {} : { name }),
  ...(slug === undefined ? {} : { slug }),
  ...Object.fromEntries(Object.keys(rest).map((key) => [key, true]))
})

const notConfirmed = (slug: string, contents: Workspace.WorkspaceContents) =>
  WireError.bad(`this deletes ${Workspace.contentsText(contents)}: repeat it with confirm=${slug}`)
