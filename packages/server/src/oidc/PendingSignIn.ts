import { Identity } from "@muster/domain"
import { Clock, Effect, Option, Schema } from "effect"
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import type { Seal } from "./Seal.ts"

/** What the browser keeps for the server between the start of a sign-in and its callback. */
export const PendingSignIn = Schema.Struct({
  state: Schema.String,
  nonce: Schema.String,
  /** PKCE's code verifier. */
  verifier: Schema.String,
  /** A path of this server. */
  returnTo: Schema.String,
  /** The signed-in user who connects the account; null: a person signs in. */
  connects: Schema.NullOr(Identity.UserId),
  /** Epoch ms. */
  expiresAt: Schema.Finite
})
export type PendingSignIn = typeof PendingSignIn.Type

/** How long a sign-in at the provider may take, in ms. */
const lifetime = 10 * 60_000

/**
 * The cookie of the pending sign-in. It is sent with the provider's redirect, so it cannot be `SameSite=Strict`. A browser
 * has one: a second start replaces the first.
 */
const cookie = "muster_oidc"
const path = "/auth/oidc"

const Text = Schema.fromJsonString(PendingSignIn)
const decode = Schema.decodeUnknownOption(Text)
const encode = Schema.encodeSync(Text)

interface Options {
  readonly secure: boolean
}

const setCookie = (
  response: HttpServerResponse.HttpServerResponse,
  value: string,
  millis: number,
  { secure }: Options
) =>
  HttpServerResponse.setCookieUnsafe(response, cookie, value, {
    path,
    httpOnly: true,
    sameSite: "lax",
    secure,
    maxAge: millis
  })

/** Adds the cookie of a new sign-in to the response. */
export const keepPending = (
  response: HttpServerResponse.HttpServerResponse,
  seal: Seal,
  pending: Omit<PendingSignIn, "expiresAt">,
  options: Options
) =>
  Effect.map(
    Clock.currentTimeMillis,
    (now) => setCookie(response, seal.seal(encode({ ...pending, expiresAt: now + lifetime })), lifetime, options)
  )

/** Removes the cookie: a sign-in is finished once. */
export const dropPending = (response: HttpServerResponse.HttpServerResponse, options: Options) =>
  setCookie(response, "", 0, options)

/** Returns the request's pending sign-in. None: there is none, it was changed, or it has expired. */
export const pendingOf = ({ cookies }: HttpServerRequest.HttpServerRequest, seal: Seal) =>
  Effect.map(Clock.currentTimeMillis, (now) =>
    Option.filter(
      Option.flatMap(seal.open(cookies[cookie] ?? ""), decode),
      ({ expiresAt }) => expiresAt > now
    ))
