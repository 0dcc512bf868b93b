import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { User } from "../access/Identity.ts"
import { goText } from "../codec/Go.ts"
import { snakeKeys } from "../codec/Snake.ts"
import { RowTime } from "../codec/Time.ts"
import { Word } from "../text/BoundedText.ts"
import { ReadableErrors, UserAuth } from "./Security.ts"
import { BadRequest, Forbidden, NotFound, ServerFault, Unauthenticated } from "./WireError.ts"

/** The browser's cookie that holds the session, which no script sees, and its companion that scripts read. */
export const sessionCookie = "muster_session"
export const csrfCookie = "muster_csrf"
/** Where a call that changes something repeats the companion. */
export const csrfHeader = "x-csrf-token"

/** What the fragment of a link's URL starts with: a fragment reaches no server and so no log. */
export const signInFragment = "#sign-in="

/** One of the two: a token, or the code of a link that signs in once. */
const SignIn = Schema.Struct({ token: goText(Word), code: goText(Word) })

export const SessionRecord = snakeKeys(Schema.Struct({ user: User, expiresAt: RowTime }))
export const SignInLink = snakeKeys(Schema.Struct({ code: Schema.String, expiresAt: RowTime }))

const errors = [BadRequest, Forbidden, ServerFault] as const

/** Signing in to the console, which needs no session yet. Source of the cookies: `docs/protocol.md` 2.1, 2.3. */
export class SignInApi extends HttpApiGroup.make("signIn").add(
  HttpApiEndpoint.post("signIn", "/", {
    payload: SignIn,
    success: SessionRecord,
    error: [...errors, Unauthenticated, NotFound]
  })
).middleware(ReadableErrors).prefix("/api/session").annotateMerge(
  OpenApi.annotations({ title: "Sign-in", description: "From a token or a link to a session of the browser." })
) {}

/** A browser's session, once there is one. */
export class SessionApi extends HttpApiGroup.make("session").add(
  HttpApiEndpoint.delete("signOut", "/", { success: HttpApiSchema.NoContent, error: errors }),
  HttpApiEndpoint.post("link", "/links", {
    success: SignInLink.pipe(HttpApiSchema.status(201)),
    error: [...errors, Unauthenticated]
  })
).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/session").annotateMerge(
  OpenApi.annotations({ title: "Session", description: "Sign out; make a link that signs in once." })
) {}
