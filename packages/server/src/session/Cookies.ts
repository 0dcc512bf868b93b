import { csrfCookie, sessionCookie } from "@muster/domain"
import { Duration, Effect } from "effect"
import { type HttpServerRequest, HttpServerResponse } from "effect/http"
import * as HttpEffect from "effect/http/HttpEffect"

/** What a browser is to keep, or to forget. */
export interface Kept {
  readonly session: string
  readonly csrf: string
  /** In ms. */
  readonly lifetime: number
}

/** Behind a proxy that speaks TLS the cookies travel over TLS alone. */
const isSecure = ({ headers }: HttpServerRequest.HttpServerRequest) =>
  headers["x-forwarded-proto"]?.split(",")[0]?.trim() === "https"

/** Sets both cookies on the response of the request that is being answered; undefined takes them away. */
export const keepCookies = (kept: Kept | undefined): Effect.Effect<void, never, HttpServerRequest.HttpServerRequest> =>
  HttpEffect.appendPreResponseHandler((request, response) => {
    const options = {
      path: "/",
      sameSite: "strict",
      secure: isSecure(request),
      maxAge: Duration.millis(kept?.lifetime ?? 0)
    } as const
    return Effect.succeed(response.pipe(
      HttpServerResponse.setCookieUnsafe(sessionCookie, kept?.session ?? "", { ...options, httpOnly: true }),
      HttpServerResponse.setCookieUnsafe(csrfCookie, kept?.csrf ?? "", options)
    ))
  })
