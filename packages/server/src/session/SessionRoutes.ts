import { Access, Api, Codec, Security, Token, WireError } from "@muster/domain"
import { Clock, Effect, Layer, Option } from "effect"
import { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { csrfToken } from "../access/Csrf.ts"
import { Audit } from "../audit/Audit.ts"
import { isForeign } from "../http/isForeign.ts"
import { Limits } from "../limit/Limits.ts"
import { OidcProvider } from "../oidc/OidcProvider.ts"
import { keepCookies } from "./Cookies.ts"
import { Sessions } from "./Sessions.ts"

const credentialForm = /^m[a-z]{2}_[0-9a-f]{40}$/

/** The credential of a sign-in, by its prefix if it looks like one: a text of another form may be a password. */
const shown = (token: string, code: string) => ({
  kind: token === "" ? "link" as const : "token" as const,
  id: null,
  prefix: credentialForm.test(token + code) ? Token.prefixOf(token + code) : null
})

const layerSignIn = HttpApiBuilder.group(
  Api.MusterApi,
  "signIn",
  Effect.fn(function*(handlers) {
    const access = yield* Access.Access
    const sessions = yield* Sessions
    const audit = yield* Audit
    const provider = yield* OidcProvider
    const limits = yield* Limits
    return handlers.handleAll({
      ways: () =>
        Effect.sync(() => ({
          oidc: provider === undefined ? null : {
            name: provider.settings.name,
            url: `${provider.settings.publicUrl}/auth/oidc/start`,
            reachable: provider.isReachable()
          }
        })),
      signIn: Effect.fnUntraced(function*({ payload, request }) {
        if (isForeign(request)) return yield* WireError.csrf()
        yield* limits.takeOfCaller("sign_ins")
        const token = Codec.goString(payload.token)
        const code = Codec.goString(payload.code)
        if ((token === "") === (code === "")) return yield* WireError.required("token or code")
        const credential = shown(token, code)
        const opened = yield* (token === "" ? sessions.openByCode(code) : sessions.openByToken(token)).pipe(
          Effect.tapError((refusal) =>
            refusal.name === "Unauthenticated"
              ? audit.record({ action: "sign_in.refuse", credential, details: { reason: refusal.code } })
              : Effect.void
          )
        )
        const user = yield* access.user(opened.userId).pipe(
          Effect.mapError((cause) => WireError.fault("failed to load user", cause))
        )
        if (Option.isNone(user)) return yield* WireError.userNotFound()
        yield* audit.record({
          action: "sign_in.accept",
          credential,
          actor: { kind: "person", id: opened.userId, name: user.value.name }
        })
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
    const audit = yield* Audit
    return handlers.handleAll({
      signOut: Effect.fnUntraced(function*() {
        const { cookies } = yield* HttpServerRequest.HttpServerRequest
        yield* sessions.close(cookies[Api.sessionCookie] ?? "")
        yield* audit.record({ action: "sign_in.sign_out" })
        yield* keepCookies(undefined)
      }),
      link: Effect.fnUntraced(function*() {
        const { expiresAt, secret } = yield* sessions.makeLink(yield* Security.Caller)
        yield* audit.record({
          action: "sign_in.link",
          target: { kind: "link", id: null, name: Token.prefixOf(secret) }
        })
        return { code: secret, expiresAt }
      })
    })
  })
)

/** The routes for signing in and out. */
export const layerSessionRoutes = Layer.mergeAll(layerSignIn, layerSession)
