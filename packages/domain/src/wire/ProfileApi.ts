import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { User } from "../access/Identity.ts"
import { goText } from "../codec/Go.ts"
import { nameOf, textLimits, Word } from "../text/BoundedText.ts"
import { ReadableErrors, UserAuth } from "./Security.ts"
import { BadRequest, Conflict, NotFound, ServerFault } from "./WireError.ts"

/** What the caller changes of their own account; absent and null do not change. */
export class ProfileApi extends HttpApiGroup.make("profile").add(
  HttpApiEndpoint.patch("edit", "/", {
    payload: Schema.Struct({ name: goText(nameOf(textLimits.name)), email: goText(Word) }),
    success: User,
    error: [BadRequest, NotFound, Conflict, ServerFault]
  })
).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/me").annotateMerge(
  OpenApi.annotations({ title: "Profile", description: "Your name and e-mail." })
) {}
