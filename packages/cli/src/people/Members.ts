import { Api, type Identity } from "@muster/domain"
import { Clock, Console, Effect, type Option, Schema } from "effect"
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

type Member = typeof Api.MemberRecord.Type

const memberJson = Schema.encodeSync(Api.MemberRecord)

const kind = {
  word: "member",
  list: "muster members",
  alias: ({ email }: Member) => email.toLowerCase()
} as const

/** `muster members`: lists the members of the workspace. */
export const listMembers = Effect.fn("listMembers")(function*(input: Input) {
  const { connection, muster, workspace: { id } } = yield* openWorkspace(input.workspace)
  const all = yield* muster.workspaces.members({ params: { workspaceId: id } }).pipe(call(connection))
  if (input.json) return yield* Console.log(jsonText({ members: all.map((one) => memberJson(one)) }))
  const now = yield* Clock.currentTimeMillis
  yield* printTable(
    ["NAME", "E-MAIL", "ROLE", "JOINED", "ID"],
    all.map(({ createdAt, email, name, role, userId }) => [
      printable(name),
      printable(email),
      role,
      ago(createdAt, now),
      userId
    ])
  )
}, Effect.provide(FetchHttpClient.layer))

/** Opens the workspace and finds a member of it by e-mail address, name or id. */
const openMember = Effect.fnUntraced(function*(input: Input & { readonly member: string }) {
  const session = yield* openWorkspace(input.workspace)
  const params = { workspaceId: session.workspace.id }
  const all = yield* session.muster.workspaces.members({ params }).pipe(call(session.connection))
  const member = yield* findNamed(kind, all, input.member)
  return { ...session, member, params: { ...params, memberId: member.userId } }
})

/** `muster members role`: changes the role of a member. */
export const changeRole = Effect.fn("changeRole")(
  function*(input: Input & { readonly member: string; readonly role: Identity.Role }) {
    const { connection, member, muster, params } = yield* openMember(input)
    const changed = yield* muster.workspaces.changeRole({ params, payload: { role: input.role } }).pipe(
      call(connection)
    )
    if (input.json) return yield* Console.log(jsonText(memberJson(changed)))
    yield* Console.log(`${printable(member.name)} is now ${changed.role}`)
  },
  Effect.provide(FetchHttpClient.layer)
)

/** `muster members remove`: ends a membership. */
export const removeMember = Effect.fn("removeMember")(function*(input: Input & { readonly member: string }) {
  const { connection, member, muster, params, workspace } = yield* openMember(input)
  yield* muster.workspaces.removeMember({ params }).pipe(call(connection))
  if (input.json) return yield* Console.log(jsonText({ removed: memberJson(member) }))
  yield* Console.log(
    `${printable(member.name)} is no longer a member of ${printable(workspace.name)}; ` +
      "their runtimes and machines leave it within 10 s"
  )
}, Effect.provide(FetchHttpClient.layer))
