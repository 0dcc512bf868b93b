import { Api } from "@muster/domain"
import { Duration, Effect } from "effect"
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import * as HttpEffect from "effect/http/HttpEffect"

/** The cookies of one session. */
export interface Kept {
  readonly session: string
  readonly csrf: string
  /** In ms. */
  readonly lifetime: number
}

/** Behind a proxy that terminates TLS, cookies are sent over TLS only. */
const isSecure = ({ headers }: HttpServerRequest.HttpServerRequest) =>
  headers["x-forwarded-proto"]?.split(",")[0]?.trim() === "https"

/** Adds both cookies to a response; undefined removes them. `secure`: browsers send them over TLS only. */
export const withCookies = (
  response: HttpServerResponse.HttpServerResponse,
  kept: Kept | undefined,
  secure: boolean
): HttpServerResponse.HttpServerResponse => {
  const options = { path: "/", sameSite: "strict", secure, maxAge: Duration.millis(kept?.lifetime ?? 0) } as const
  return response.pipe(
    HttpServerResponse.setCookieUnsafe(Api.sessionCookie, kept?.session ?? "", { ...options, httpOnly: true }),
    HttpServerResponse.setCookieUnsafe(Api.csrfCookie, kept?.csrf ?? "", options)
  )
}

/** Sets both cookies on the response to the current request; undefined removes them. */
export const keepCookies = (kept: Kept | undefined): Effect.Effect<void, never, HttpServerRequest.HttpServerRequest> =>
  HttpEffect.appendPreResponseHandler((request, response) =>
    Effect.succeed(withCookies(response, kept, isSecure(request)))
  )
