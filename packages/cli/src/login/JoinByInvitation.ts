import { Invitation } from "@muster/domain"
import { Console, Effect, Option, Redacted } from "effect"
import * as Prompt from "effect/cli/Prompt"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Stdio from "effect/Stdio"
import { call } from "../api/Call.ts"
import { musterClient } from "../api/MusterClient.ts"
import { Failure } from "../failure/Failure.ts"
import { jsonText, printable } from "../output/Text.ts"
import { connection, token } from "../profile/Connection.ts"
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

interface Person {
  readonly name: Option.Option<string>
  readonly email: Option.Option<string>
}

/** The account to join with: the token's or, unless a new one is named, that of the person who is signed in there. */
const ownAccount = Effect.fnUntraced(
  function*(given: Option.Option<Redacted.Redacted>, { email, name }: Person, url: string) {
    if (Option.isSome(given)) {
      return { token: yield* token(Redacted.value(given.value).trim(), "--token"), tokenFrom: "--token" }
    }
    const saved = Option.isSome(name) || Option.isSome(email) ? Option.none() : yield* Effect.option(connection)
    return Option.isSome(saved) && saved.value.url === url ? saved.value : undefined
  }
)

/** The name and e-mail address of a new account, from the flags, the invitation, or typed on a terminal. */
const askPerson = Effect.fnUntraced(function*(given: Person, inviteeEmail: string | null, isQuiet: boolean) {
  const stdio = yield* Stdio.Stdio
  const isTerminal = !isQuiet && (yield* stdio.stdinIsTerminal) && (yield* stdio.stdoutIsTerminal)
  const ask = (known: Option.Option<string>, flag: string, what: string) =>
    Option.isSome(known)
      ? Effect.succeed(known.value)
      : isTerminal
      ? Prompt.run(Prompt.String({ message: `${what.slice(0, 1).toUpperCase()}${what.slice(1)}` }))
      : Effect.fail(required(flag, what))
  const email = Option.orElse(given.email, () => Option.fromNullishOr(inviteeEmail))
  return {
    name: yield* ask(given.name, "--name", "your name"),
    email: yield* ask(email, "--email", "your e-mail address"),
    tokenName: "muster login"
  }
})

/** `muster login --invite`: joins the workspace of an invitation, with a new account or one's own, and signs in. */
export const joinByInvitation = Effect.fnUntraced(function*(
  input: Person & {
    readonly link: string
    readonly token: Option.Option<Redacted.Redacted>
    readonly json: boolean
  }
) {
  const { secret, url } = yield* parse(input.link)
  const own = yield* ownAccount(input.token, input, url)
  const to = { url, token: Redacted.make(""), workspace: undefined, tokenFrom: "--token", ...own }
  const muster = yield* musterClient(to)
  const preview = yield* muster.inviteLink.look({ payload: { secret } }).pipe(call(to))
  const newcomer = own === undefined ? yield* askPerson(input, preview.inviteeEmail, input.json) : {}
  const joined = yield* muster.inviteLink.accept({ payload: { secret, ...newcomer } }).pipe(call(to))
  const file = yield* saveProfile({
    server_url: url,
    token: own?.token ?? Redacted.make(joined.token ?? ""),
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
