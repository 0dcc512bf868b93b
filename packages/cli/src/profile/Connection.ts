import { Config, Effect, Option, Redacted } from "effect"
import { Failure } from "../failure/Failure.ts"
import { startCommand } from "../MainFile.ts"
import { type Profile, readProfile } from "./Profile.ts"
import { defaultServerUrl, serverUrl } from "./ServerUrl.ts"

/** The server to call and the credentials to use. */
export interface Connection {
  readonly url: string
  readonly token: Redacted.Redacted
  /** The profile's workspace; undefined if none is chosen. */
  readonly workspace: string | undefined
  /** The source of the token, for messages: `MUSTER_TOKEN` or `the profile`. */
  readonly tokenFrom: string
}

const variable = (name: string) =>
  Config.String(name).pipe(
    Config.option,
    Effect.map(Option.map((text) => text.trim())),
    Effect.map(Option.filter((text) => text !== "")),
    Effect.orElseSucceed(() => Option.none<string>())
  )

/** MUSTER_SERVER_URL and MUSTER_TOKEN, if they are set and not blank. */
export const environment = Effect.all({ url: variable("MUSTER_SERVER_URL"), token: variable("MUSTER_TOKEN") })

const notSignedIn = (sentence: string, next: string) =>
  new Failure({ class: "refused", code: "not_signed_in", sentence, next })

/** The maximum length of a token, in characters. */
export const maxTokenLength = 4_096

/** Whether a text can be a token: a header can contain it. */
const isToken = (text: string) => text.length <= maxTokenLength && /^[\u0021-\u007E]+$/.test(text)

/** Checks a token that a person gave. `from` names its source in the error. */
export const token = (text: string, from: string): Effect.Effect<Redacted.Redacted, Failure> =>
  isToken(text) ? Effect.succeed(Redacted.make(text)) : Effect.fail(
    new Failure({
      class: "usage",
      code: "invalid_token",
      sentence: `${from} does not contain a token`,
      next: "a token is one word such as mul_0123…; the owner's token is in the file token of the server's data folder"
    })
  )

const choose = Effect.fnUntraced(function*(given: Effect.Success<typeof environment>, saved: Option.Option<Profile>) {
  const url = yield* Option.match(given.url, {
    onSome: (text) => serverUrl(text, "MUSTER_SERVER_URL"),
    onNone: () =>
      Option.isSome(saved) ? serverUrl(saved.value.server_url, "the profile") : Effect.succeed(defaultServerUrl)
  })
  if (Option.isSome(given.token)) {
    return {
      url,
      token: yield* token(given.token.value, "MUSTER_TOKEN"),
      workspace: undefined,
      tokenFrom: "MUSTER_TOKEN"
    }
  }
  if (Option.isNone(saved)) {
    return yield* notSignedIn(
      "you are not signed in to any Muster server",
      `start one on this machine (${startCommand}), or sign in: muster login --server ${url}`
    )
  }
  // A token is sent only to the server that it was saved for.
  if ((yield* serverUrl(saved.value.server_url, "the profile")) !== url) {
    return yield* notSignedIn(
      `you are signed in to ${saved.value.server_url}, but MUSTER_SERVER_URL is ${url}`,
      `sign in there (muster login --server ${url}), set MUSTER_TOKEN, or unset MUSTER_SERVER_URL`
    )
  }
  return { url, token: saved.value.token, workspace: saved.value.workspace, tokenFrom: "the profile" }
})

/** The connection from MUSTER_SERVER_URL and MUSTER_TOKEN, else from the profile. */
export const connection = Effect.gen(function*() {
  const given = yield* environment
  // With both variables set, the profile is not read.
  const saved = Option.isSome(given.url) && Option.isSome(given.token) ? Option.none<Profile>() : yield* readProfile
  const chosen: Connection = yield* choose(given, saved)
  return chosen
})
