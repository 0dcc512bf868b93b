import { Invitation } from "@muster/domain"
import { Console, Effect, Option, Redacted } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { musterClient } from "../api/MusterClient.ts"
import { Failure } from "../failure/Failure.ts"
import { jsonText, printable } from "../output/Text.ts"
import { token } from "../profile/Connection.ts"
import { shortened } from "../profile/Home.ts"
import { saveProfile } from "../profile/Profile.ts"
import { serverUrl } from "../profile/ServerUrl.ts"

/** The server's URL and the secret of an invitation's link. */
const parse = Effect.fnUntraced(function*(link: string) {
  const [base = "", secret = ""] = link.trim().split(Invitation.fragment)
  if (!Invitation.isSecret(secret)) {
    return yield* new Failure({
      class: "usage",
      code: "invalid_invitation",
      sentence: "--invite is no invitation link, or a part of it is missing",
      next: "copy the whole link, in quotes: muster login --invite 'https://…/#invite=miv_…'"
    })
  }
  return { url: yield* serverUrl(base, "--invite"), secret }
})

const required = (flag: string, what: string) =>
  new Failure({
    class: "usage",
    code: "missing_account",
    sentence: `a new account needs ${what}`,
    next: `add ${flag}, or --token with the token of your account on that server`
  })

/** `muster login --invite`: joins the workspace of an invitation, with a new account or the token's, and signs in. */
export const joinByInvitation = Effect.fnUntraced(function*(input: {
  readonly link: string
  readonly name: Option.Option<string>
  readonly email: Option.Option<string>
  readonly token: Option.Option<Redacted.Redacted>
  readonly json: boolean
}) {
  const { secret, url } = yield* parse(input.link)
  const own = Option.isNone(input.token) ? undefined : yield* token(Redacted.value(input.token.value).trim(), "--token")
  const to = { url, token: own ?? Redacted.make(""), workspace: undefined, tokenFrom: "--token" }
  const muster = yield* musterClient(to)
  const preview = yield* muster.inviteLink.look({ payload: { secret } }).pipe(call(to))
  if (own === undefined && Option.isNone(input.name)) return yield* required("--name", "your name")
  const email = Option.getOrElse(input.email, () => preview.inviteeEmail ?? "")
  if (own === undefined && email === "") return yield* required("--email", "your e-mail address")
  const newcomer = { name: Option.getOrElse(input.name, () => ""), email, tokenName: "muster login" }
  const joined = yield* muster.inviteLink.accept({
    payload: { secret, ...(own === undefined && newcomer) }
  }).pipe(call(to))
  const file = yield* saveProfile({
    server_url: url,
    token: own ?? Redacted.make(joined.token ?? ""),
    workspace: joined.workspaceId
  })
  if (input.json) {
    return yield* Console.log(jsonText({
      server_url: url,
      user: joined.user,
      workspace: { id: joined.workspaceId, slug: joined.workspaceSlug, name: joined.workspaceName, role: joined.role },
      profile_file: file
    }))
  }
  yield* Console.log(
    `Joined ${printable(joined.workspaceName)} on ${url} as ${printable(joined.user.name)} ` +
      `(${printable(joined.user.email)}), ${joined.role}; saved in ${yield* shortened(file)}`
  )
}, Effect.provide(FetchHttpClient.layer))
