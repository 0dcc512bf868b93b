import { Api, type Identity, Invitation, Membership, Token, Wake, WireError } from "@muster/domain"
import { Clock, Effect, Option } from "effect"
import type { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Authenticator, hashToken } from "../access/Authenticator.ts"
import { userCredential } from "../access/bearer.ts"
import { csrfToken } from "../access/Csrf.ts"
import { Audit } from "../audit/Audit.ts"
import { isForeign } from "../http/isForeign.ts"
import { Limits } from "../limit/Limits.ts"
import { keepCookies } from "../session/Cookies.ts"
import { sessionLifetime, sessionName } from "../session/Sessions.ts"
import { linkError, lookRefusal } from "./refusals.ts"

/** A secret that was cut off or mistyped is unknown to every store. */
const keyOf = (secret: string) =>
  Invitation.isSecret(secret)
    ? Effect.succeed<Membership.InvitationKey>({ hash: hashToken(secret) })
    : Effect.fail(new Membership.AcceptRefused({ reason: "unknown" }))

/** What a newcomer sends. */
interface Asked {
  readonly name: string
  readonly email: string
  readonly credential: "token" | "session"
  readonly tokenName: string
}

/** Returns the newcomer that a body describes, with the secret of the credential that they get. */
const newcomerFrom = Effect.fnUntraced(function*({ credential, email, name, tokenName }: Asked) {
  if (name === "" || email === "") return yield* WireError.bad("name and email are required")
  if (!Invitation.isEmail(email)) return yield* WireError.invalid("email")
  const secret = yield* Token.generate("user")
  const isSession = credential === "session"
  const expiresAt = isSession ? (yield* Clock.currentTimeMillis) + sessionLifetime : null
  const newcomer: Membership.Newcomer = {
    name,
    email,
    token: {
      purpose: isSession ? "session" : "api",
      name: isSession ? sessionName : tokenName || "invitation",
      hash: hashToken(secret),
      prefix: Token.prefixOf(secret),
      expiresAt
    }
  }
  return { newcomer, secret, expiresAt, isSession }
})

const recordOf = (
  { invitation, user }: Membership.Accepted,
  token: string | null,
  expiresAt: number | null
) => ({
  user,
  workspaceId: invitation.workspaceId,
  workspaceName: invitation.workspaceName,
  workspaceSlug: invitation.workspaceSlug,
  role: invitation.role,
  token,
  expiresAt
})

/** The routes for the links of invitations, which need no account. */
export const layerInviteLinkRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "inviteLink",
  Effect.fn(function*(handlers) {
    const membership = yield* Membership.Membership
    const authenticator = yield* Authenticator
    const audit = yield* Audit
    const limits = yield* Limits
    const wake = yield* Wake.Wake

    /** The person who is signed in; a credential that has ended is none. Joining needs the scope `admin`. */
    const callerOf = (request: HttpServerRequest.HttpServerRequest) =>
      userCredential(authenticator, request).pipe(
        Effect.filterOrFail(({ scopes }) => scopes.includes("admin"), ({ scopes }) =>
          WireError.scopeMissing("admin", scopes)),
        Effect.map(({ userId }) =>
          userId
        ),
        Effect.catchIf((error) => error instanceof WireError.Unauthenticated, () => Effect.succeed(undefined))
      )

    const accept = Effect.fnUntraced(function*(secret: string, by: Identity.UserId | Membership.Newcomer) {
      const credential = { kind: "invitation", id: null, prefix: Token.prefixOf(secret) } as const
      const accepted = yield* Effect.flatMap(keyOf(secret), (key) => membership.accept(key, by)).pipe(
        Effect.tapErrorTag(
          "AcceptRefused",
          ({ reason }) => audit.record({ action: "invitation.refuse", credential, details: { reason } })
        ),
        Effect.mapError(linkError)
      )
      const { invitation, user } = accepted
      yield* wake.publish(Wake.topic.workspace(invitation.workspaceId))
      yield* audit.record({
        action: "invitation.accept",
        workspaceId: invitation.workspaceId,
        actor: { kind: "person", id: user.id, name: user.name },
        credential,
        target: { kind: "invitation", id: invitation.id, name: invitation.inviteeEmail },
        details: { role: invitation.role, email: user.email, newcomer: typeof by !== "string" }
      })
      return accepted
    })

    return handlers.handleAll({
      look: Effect.fnUntraced(function*({ payload }) {
        yield* limits.takeOfCaller("invitation_links")
        const secret = (payload.secret ?? "").trim()
        const found = !Invitation.isSecret(secret)
          ? Option.none()
          : yield* membership.invitation({ hash: hashToken(secret) }).pipe(
            Effect.mapError((cause) => WireError.fault("failed to load invitation", cause))
          )
        if (Option.isNone(found)) return yield* lookRefusal("unknown")
        const { expiresAt, inviteeEmail, inviterName, role, workspaceName } = found.value
        const status = Invitation.statusAt(found.value, yield* Clock.currentTimeMillis)
        if (status !== "pending") return yield* lookRefusal(status)
        return { workspaceName, inviterName, inviteeEmail, role, expiresAt }
      }),

      accept: Effect.fn("Server.acceptInvitationLink")(function*({ payload, request }) {
        if (isForeign(request)) return yield* WireError.csrf()
        yield* limits.takeOfCaller("invitation_links")
        const secret = (payload.secret ?? "").trim()
        const caller = yield* callerOf(request)
        if (caller !== undefined) return recordOf(yield* accept(secret, caller), null, null)
        const { expiresAt, isSession, newcomer, secret: made } = yield* newcomerFrom({
          name: (payload.name ?? "").trim(),
          email: Invitation.normalEmail(payload.email ?? ""),
          credential: payload.credential ?? "token",
          tokenName: (payload.tokenName ?? "").trim()
        })
        const accepted = yield* accept(secret, newcomer)
        if (isSession) yield* keepCookies({ session: made, csrf: yield* csrfToken(made), lifetime: sessionLifetime })
        return recordOf(accepted, isSession ? null : made, expiresAt)
      })
    })
  })
)
