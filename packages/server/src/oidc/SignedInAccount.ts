import type { Option } from "effect"
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import type { Seal } from "./Seal.ts"

/**
 * The cookie of a browser that signed in with the provider: the ID token, which the provider wants to see again when its
 * own session is to end. Without a text: the token is too long for a cookie.
 */
const cookie = "muster_oidc_account"
const options = { path: "/auth/oidc", httpOnly: true, sameSite: "strict" } as const

/** The longest ID token that is kept, in characters: sealed, it still fits into a cookie of 4 KiB. */
const maxIdToken = 2_800

const isKept = (idToken: string) => idToken.length <= maxIdToken

/** Adds the cookie to the response, for `lifetime` ms. */
export const keepAccount = (
  response: HttpServerResponse.HttpServerResponse,
  seal: Seal,
  idToken: string,
  { lifetime, secure }: { readonly lifetime: number; readonly secure: boolean }
) =>
  HttpServerResponse.setCookieUnsafe(response, cookie, seal.seal(isKept(idToken) ? idToken : ""), {
    ...options,
    secure,
    maxAge: lifetime
  })

export const dropAccount = (response: HttpServerResponse.HttpServerResponse, secure: boolean) =>
  HttpServerResponse.setCookieUnsafe(response, cookie, "", { ...options, secure, maxAge: 0 })

/** None: this browser did not sign in with the provider. An empty ID token was too long to keep. */
export const accountOf = ({ cookies }: HttpServerRequest.HttpServerRequest, seal: Seal): Option.Option<string> =>
  seal.open(cookies[cookie] ?? "")
