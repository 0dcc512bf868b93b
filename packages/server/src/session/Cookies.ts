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

/** Sets both cookies on the response to the current request; undefined removes them. */
export const keepCookies = (kept: Kept | undefined): Effect.Effect<void, never, HttpServerRequest.HttpServerRequest> =>
  HttpEffect.appendPreResponseHandler((request, response) => {
    const options = {
      path: "/",
      sameSite: "strict",
      secure: isSecure(request),
      maxAge: Duration.millis(kept?.lifetime ?? 0)
    } as const
    return Effect.succeed(response.pipe(
      HttpServerResponse.setCookieUnsafe(Api.sessionCookie, kept?.session ?? "", { ...options, httpOnly: true }),
      HttpServerResponse.setCookieUnsafe(Api.csrfCookie, kept?.csrf ?? "", options)
    ))
  })
