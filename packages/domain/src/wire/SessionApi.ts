import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { User } from "../access/Identity.ts"
import { goText } from "../codec/Go.ts"
import { snakeKeys } from "../codec/Snake.ts"
import { RowTime } from "../codec/Time.ts"
import { Word } from "../text/BoundedText.ts"
import { ReadableErrors, UserAuth } from "./Security.ts"
import { BadRequest, Forbidden, NotFound, ServerFault, TooMany, Unauthenticated } from "./WireError.ts"

/** The cookie of the session, which scripts cannot read, and its companion, which they can. */
export const sessionCookie = "muster_session"
export const csrfCookie = "muster_csrf"
/** The header in which a call that changes something repeats the companion. */
export const csrfHeader = "x-csrf-token"

/** The start of the fragment of a link's URL: a fragment is not sent to servers, so no log contains it. */
export const signInFragment = "#sign-in="

/** One of the two: a token, or the code of a one-time sign-in link. */
const SignIn = Schema.Struct({ token: goText(Word), code: goText(Word) })

export const SessionRecord = snakeKeys(Schema.Struct({ user: User, expiresAt: RowTime }))
export const SignInLink = snakeKeys(Schema.Struct({ code: Schema.String, expiresAt: RowTime }))

/** How people can sign in besides tokens and links. */
export const SignInWays = Schema.Struct({
  /** The OpenID Connect provider; null: this server has none. */
  oidc: Schema.NullOr(Schema.Struct({
    /** What people call it. */
    name: Schema.String,
    /** Where a browser starts; takes `return_to`, a path of this server. */
    url: Schema.String,
    /** False: it could not be reached at the last attempt. */
    reachable: Schema.Boolean
  }))
})

const errors = [BadRequest, Forbidden, ServerFault] as const

/** Signing in to the console, which needs no session. Source of the cookies: `docs/protocol.md` 2.1, 2.3. */
export class SignInApi extends HttpApiGroup.make("signIn").add(
  HttpApiEndpoint.get("ways", "/api/sign-in", { success: SignInWays }),
  HttpApiEndpoint.post("signIn", "/api/session", {
    payload: SignIn,
    success: SessionRecord,
    error: [...errors, Unauthenticated, NotFound, TooMany]
  })
).middleware(ReadableErrors).annotateMerge(
  OpenApi.annotations({ title: "Sign-in", description: "Ways to sign in; from a token or a link to a session." })
) {}

/** The session of a browser. */
export class SessionApi extends HttpApiGroup.make("session").add(
  HttpApiEndpoint.delete("signOut", "/", { success: HttpApiSchema.NoContent, error: errors }),
  HttpApiEndpoint.post("link", "/links", {
    success: SignInLink.pipe(HttpApiSchema.status(201)),
    error: [...errors, Unauthenticated]
  })
).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/session").annotateMerge(
  OpenApi.annotations({ title: "Session", description: "Sign out; make a one-time sign-in link." })
) {}
