import { Config, Effect, Option, Redacted } from "effect"
import { Failure } from "../failure/Failure.ts"
import { type Profile, readProfile } from "./Profile.ts"
import { defaultServerUrl, serverUrl } from "./ServerUrl.ts"

/** Which server to call, and as whom. */
export interface Connection {
  readonly url: string
  readonly token: Redacted.Redacted
  /** The profile's workspace; undefined: not chosen. */
  readonly workspace: string | undefined
  /** Where the token comes from, for sentences: `MUSTER_TOKEN` or `the profile`. */
  readonly tokenFrom: string
}

const variable = (name: string) =>
  Config.String(name).pipe(
    Config.option,
    Effect.map(Option.map((text) => text.trim())),
    Effect.map(Option.filter((text) => text !== "")),
    Effect.orElseSucceed(() => Option.none<string>())
  )

/** MUSTER_SERVER_URL and MUSTER_TOKEN, where they are set and not blank. */
export const environment = Effect.all({ url: variable("MUSTER_SERVER_URL"), token: variable("MUSTER_TOKEN") })

const notSignedIn = (sentence: string, next: string) =>
  new Failure({ class: "refused", code: "not_signed_in", sentence, next })

/** Bound of a token, in characters. */
export const maxTokenLength = 4_096

/** A header can carry it; anything else was never a token. */
const isToken = (text: string) => text.length <= maxTokenLength && /^[\u0021-\u007E]+$/.test(text)

/** A token from a person; `from` says where they gave it. */
export const token = (text: string, from: string): Effect.Effect<Redacted.Redacted, Failure> =>
  isToken(text) ? Effect.succeed(Redacted.make(text)) : Effect.fail(
    new Failure({
      class: "usage",
      code: "invalid_token",
      sentence: `${from} does not hold a token`,
      next: "a token is one word such as mul_0123…; the owner's stands in the file token of the server's data folder"
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
      `start one on this machine (npm start), or sign in to one: muster login --server ${url}`
    )
  }
  // A token is shown to the server that it was saved for, and to no other.
  if ((yield* serverUrl(saved.value.server_url, "the profile")) !== url) {
    return yield* notSignedIn(
      `you are signed in to ${saved.value.server_url}, but MUSTER_SERVER_URL says ${url}`,
      `sign in there (muster login --server ${url}), set MUSTER_TOKEN, or unset MUSTER_SERVER_URL`
    )
  }
  return { url, token: saved.value.token, workspace: saved.value.workspace, tokenFrom: "the profile" }
})

/** The connection: MUSTER_SERVER_URL and MUSTER_TOKEN first, then the profile. */
export const connection = Effect.gen(function*() {
  const given = yield* environment
  // With both given, a broken profile is nobody's concern.
  const saved = Option.isSome(given.url) && Option.isSome(given.token) ? Option.none<Profile>() : yield* readProfile
  const chosen: Connection = yield* choose(given, saved)
  return chosen
})
