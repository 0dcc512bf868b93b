import { Api, Invitation, Membership, Security, WireError } from "@muster/domain"
import { Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Audit } from "../audit/Audit.ts"

/** Returns the change that a PATCH requests: what is absent or null stays. */
const editFrom = Effect.fnUntraced(
  function*(payload: { readonly name?: string | null; readonly email?: string | null }) {
    const edit: { -readonly [K in keyof Membership.UserEdit]: Membership.UserEdit[K] } = {}
    if (payload.name != null) {
      edit.name = payload.name.trim()
      if (edit.name === "") return yield* WireError.required("name")
    }
    if (payload.email != null) {
      edit.email = Invitation.normalEmail(payload.email)
      if (!Invitation.isEmail(edit.email)) return yield* WireError.invalid("email")
    }
    return edit
  }
)

/** The route by which a person changes their name and e-mail. */
export const layerProfileRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "profile",
  Effect.fn(function*(handlers) {
    const membership = yield* Membership.Membership
    const audit = yield* Audit
    return handlers.handleAll({
      edit: Effect.fnUntraced(function*({ payload }) {
        const { userId } = yield* Security.Caller
        const edit = yield* editFrom(payload)
        const edited = yield* membership.editUser(userId, edit).pipe(Effect.catchTags({
          EmailTaken: () => Effect.fail(WireError.emailTaken()),
          StoreUnavailable: (cause) => Effect.fail(WireError.fault("failed to update user", cause))
        }))
        if (Option.isNone(edited)) return yield* WireError.userNotFound()
        const { email, name } = edited.value
        yield* audit.record({
          action: "person.edit",
          target: { kind: "person", id: userId, name },
          details: { name, email }
        })
        return edited.value
      })
    })
  })
)
