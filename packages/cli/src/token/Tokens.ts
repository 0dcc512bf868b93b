import { Api, type Scope } from "@muster/domain"
import { Clock, Console, Effect, Option, Schema } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { musterClient } from "../api/MusterClient.ts"
import { TokenNotice } from "../api/TokenNotice.ts"
import { Failure } from "../failure/Failure.ts"
import { printTable } from "../output/Table.ts"
import { ago, jsonText, printable } from "../output/Text.ts"
import { connection } from "../profile/Connection.ts"
import { findToken, type TokenRow } from "./FindToken.ts"

const encode = Schema.encodeSync(Api.TokenRecord)
const encodeNew = Schema.encodeSync(Api.NewTokenRecord)

interface Input {
  readonly json: boolean
}

/** A client without a workspace: tokens belong to the person. */
const open = Effect.gen(function*() {
  const to = yield* connection
  return { to, muster: yield* musterClient(to) }
})

const dateOf = (end: number | null) => end === null ? "never" : new Date(end).toISOString().slice(0, 10)

/** `ends on 2026-12-03`, `ended on …`, `never ends`. */
const endOf = (end: number | null, now: number) =>
  end === null ? "never ends" : `${end <= now ? "ended" : "ends"} on ${dateOf(end)}`

const scopesOf = ({ scopes }: TokenRow) => scopes === undefined ? "all" : scopes.join(",")

/** `muster token list`: lists the person's tokens, newest first. */
export const listTokens = Effect.fn("listTokens")(function*({ json }: Input) {
  const { muster, to } = yield* open
  const tokens = yield* muster.access.tokens().pipe(call(to))
  if (json) return yield* Console.log(jsonText({ tokens: tokens.map((one) => encode(one)) }))
  const now = yield* Clock.currentTimeMillis
  const rows = tokens.map((one) => [
    one.id,
    printable(one.name),
    scopesOf(one),
    one.tokenPrefix,
    dateOf(one.expiresAt),
    ago(one.lastUsedAt, now)
  ])
  yield* printTable(["ID", "NAME", "SCOPES", "PREFIX", "ENDS", "USED"], rows)
}, Effect.provide(FetchHttpClient.layer))

/**
 * `muster token create`: creates a token. Prints the secret alone to stdout, so that a script can take it, and the rest to
 * stderr.
 */
export const createToken = Effect.fn("createToken")(function*(
  { days, json, name, scopes }: Input & {
    readonly name: string
    readonly scopes: ReadonlyArray<Scope.Scope>
    /** None: it never ends. */
    readonly days: Option.Option<number>
  }
) {
  const { muster, to } = yield* open
  const made = yield* muster.access.createToken({
    payload: {
      name,
      expiresInDays: Option.getOrNull(days),
      ...(scopes.length === 0 ? {} : { scopes })
    }
  }).pipe(call(to))
  if (json) return yield* Console.log(jsonText(encodeNew(made)))
  const now = yield* Clock.currentTimeMillis
  yield* Console.error(
    `Created the token ${printable(made.name)} (${scopesOf(made)}), which ${endOf(made.expiresAt, now)}. ` +
      "This is the only time it is shown:"
  )
  yield* Console.log(made.token)
}, Effect.provide(FetchHttpClient.layer))

const noToken = new Failure({
  class: "usage",
  code: "no_token_to_renew",
  sentence: "this session came from no token that can be renewed",
  next: "name a token: muster token list, then muster token renew TOKEN"
})

/** `muster token renew`: moves the end of a token; without a name, of the token that the command uses. */
export const renewToken = Effect.fn("renewToken")(
  function*(
    { asked, days, json }: Input & { readonly asked: Option.Option<string>; readonly days: Option.Option<number> }
  ) {
    const { muster, to } = yield* open
    const own = muster.access.me().pipe(
      call(to),
      Effect.flatMap(({ token }) => token?.id == null ? Effect.fail(noToken) : Effect.succeed(token.id))
    )
    const named = (text: string) =>
      Effect.flatMap(
        muster.access.tokens().pipe(call(to)),
        (tokens) => Effect.map(findToken(tokens, text), ({ id }) => id)
      )
    const id = yield* Option.match(asked, { onNone: () => own, onSome: named })
    const renewed = yield* muster.access.renewToken({
      params: { tokenId: id },
      payload: { expiresInDays: Option.getOrNull(days) }
    }).pipe(call(to))
    if (json) return yield* Console.log(jsonText(encode(renewed)))
    const now = yield* Clock.currentTimeMillis
    yield* Console.log(
      `Renewed ${printable(renewed.name)}: it ${endOf(renewed.expiresAt, now)}. Its secret stays the same.`
    )
  },
  Effect.provide(FetchHttpClient.layer),
  Effect.provideServiceEffect(TokenNotice, Effect.sync(() => ({ said: true })))
)

/** `muster token revoke`: ends a token and all that was made with it. */
export const revokeToken = Effect.fn("revokeToken")(function*({ asked, json }: Input & { readonly asked: string }) {
  const { muster, to } = yield* open
  const { id, name } = yield* findToken(yield* muster.access.tokens().pipe(call(to)), asked)
  yield* muster.access.revokeToken({ params: { tokenId: id } }).pipe(call(to))
  yield* Console.log(
    json ? jsonText({ revoked: { id, name } }) : `Revoked ${printable(name)}, and all that was made with it.`
  )
}, Effect.provide(FetchHttpClient.layer))
