import { Access, Api, Codec, Security, WireError } from "@muster/domain"
import { Clock, Effect, Layer, Option } from "effect"
import { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { csrfToken } from "../access/Csrf.ts"
import { isForeign } from "../http/isForeign.ts"
import { keepCookies } from "./Cookies.ts"
import { Sessions } from "./Sessions.ts"

const layerSignIn = HttpApiBuilder.group(
  Api.MusterApi,
  "signIn",
  Effect.fn(function*(handlers) {
    const access = yield* Access.Access
    const sessions = yield* Sessions
    return handlers.handleAll({
      signIn: Effect.fnUntraced(function*({ payload, request }) {
        if (isForeign(request)) return yield* WireError.csrf()
        const token = Codec.goString(payload.token)
        const code = Codec.goString(payload.code)
        if ((token === "") === (code === "")) return yield* WireError.required("token or code")
        const opened = yield* token === "" ? sessions.openByCode(code) : sessions.openByToken(token)
        const user = yield* access.user(opened.userId).pipe(
          Effect.mapError((cause) => WireError.fault("failed to load user", cause))
        )
        if (Option.isNone(user)) return yield* WireError.userNotFound()
        const lifetime = opened.expiresAt - (yield* Clock.currentTimeMillis)
        yield* keepCookies({ session: opened.secret, csrf: yield* csrfToken(opened.secret), lifetime })
        return { user: user.value, expiresAt: opened.expiresAt }
      })
    })
  })
)

const layerSession = HttpApiBuilder.group(
  Api.MusterApi,
  "session",
  Effect.fn(function*(handlers) {
    const sessions = yield* Sessions
    return handlers.handleAll({
      signOut: Effect.fnUntraced(function*() {
        const { cookies } = yield* HttpServerRequest.HttpServerRequest
        yield* sessions.close(cookies[Api.sessionCookie] ?? "")
        yield* keepCookies(undefined)
      }),
      link: Effect.fnUntraced(function*() {
        const { expiresAt, secret } = yield* sessions.makeLink(yield* Security.Caller)
        return { code: secret, expiresAt }
      })
    })
  })
)

/** The routes for signing in and out. */
export const layerSessionRoutes = Layer.mergeAll(layerSignIn, layerSession)
