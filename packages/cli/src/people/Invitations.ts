import { Api, type Identity } from "@muster/domain"
import { Clock, Console, Effect, Option, Schema } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { findNamed } from "../api/findNamed.ts"
import { printTable } from "../output/Table.ts"
import { ago, jsonText, printable } from "../output/Text.ts"
import { openWorkspace } from "./Workspaces.ts"

interface Input {
  readonly workspace: Option.Option<string>
  readonly json: boolean
}

const invitationJson = Schema.encodeSync(Api.InvitationRecord)
const newInvitationJson = Schema.encodeSync(Api.NewInvitationRecord)

const invitee = ({ inviteeEmail }: { readonly inviteeEmail: string | null }) =>
  inviteeEmail === null ? "anyone with the link" : printable(inviteeEmail)

/** `muster invite`: creates an invitation and prints its link. */
export const invite = Effect.fn("invite")(
  function*(
    input: Input & {
      readonly email: Option.Option<string>
      readonly role: Identity.Role
      readonly days: Option.Option<number>
    }
  ) {
    const { connection, muster, workspace } = yield* openWorkspace(input.workspace)
    const made = yield* muster.workspaces.invite({
      params: { workspaceId: workspace.id },
      payload: {
        role: input.role,
        ...Option.match(input.email, { onNone: () => ({}), onSome: (email) => ({ email }) }),
        ...Option.match(input.days, { onNone: () => ({}), onSome: (expiresInDays) => ({ expiresInDays }) })
      }
    }).pipe(call(connection))
    const link = connection.url + made.path
    if (input.json) return yield* Console.log(jsonText({ link, ...newInvitationJson(made) }))
    yield* Console.error(
      `This link invites ${invitee(made)} to ${printable(workspace.name)} as ${made.role}. ` +
        `It works once, until ${new Date(made.expiresAt).toISOString()}:\n`
    )
    yield* Console.log(link)
    yield* Console.error("\nOpen it in a browser, or run: muster login --invite LINK")
  },
  Effect.provide(FetchHttpClient.layer)
)

/** `muster invite list`: lists the invitations that can still be accepted. */
export const listInvitations = Effect.fn("listInvitations")(function*(input: Input) {
  const { connection, muster, workspace } = yield* openWorkspace(input.workspace)
  const all = yield* muster.workspaces.invitations({ params: { workspaceId: workspace.id } }).pipe(call(connection))
  if (input.json) return yield* Console.log(jsonText({ invitations: all.map((one) => invitationJson(one)) }))
  if (all.length === 0) {
    return yield* Console.error("There are no pending invitations.\nnext:  create one: muster invite")
  }
  const now = yield* Clock.currentTimeMillis
  yield* printTable(
    ["FOR", "ROLE", "BY", "CREATED", "EXPIRES", "ID"],
    all.map((one) => [
      invitee(one),
      one.role,
      printable(one.inviterName),
      ago(one.createdAt, now),
      new Date(one.expiresAt).toISOString(),
      one.id
    ])
  )
}, Effect.provide(FetchHttpClient.layer))

/** `muster invite revoke`: ends an invitation, by its id or e-mail address. */
export const revokeInvitation = Effect.fn("revokeInvitation")(
  function*(input: Input & { readonly invitation: string }) {
    const { connection, muster, workspace } = yield* openWorkspace(input.workspace)
    const params = { workspaceId: workspace.id }
    const all = yield* muster.workspaces.invitations({ params }).pipe(call(connection))
    const found = yield* findNamed(
      { word: "invitation", list: "muster invite list" },
      all.map((one) => ({ id: one.id, name: one.inviteeEmail ?? "" })),
      input.invitation
    )
    yield* muster.workspaces.revokeInvitation({ params: { ...params, invitationId: found.id } }).pipe(call(connection))
    if (input.json) return yield* Console.log(jsonText({ revoked: found.id }))
    yield* Console.log("The invitation was revoked; its link no longer works")
  },
  Effect.provide(FetchHttpClient.layer)
)
