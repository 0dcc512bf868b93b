import {
  Caller,
  CurrentWorkspace,
  maxSkillPage,
  MusterApi,
  ok,
  parseUuid,
  SkillId,
  SkillLibrary,
  topic,
  Wake,
  wireError
} from "@muster/domain"
import { Effect, Option } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import * as HttpEffect from "effect/http/HttpEffect"

const idFrom = (text: string) => {
  const id = parseUuid(text)
  return id === undefined ? Effect.fail(wireError.invalid("skill_id")) : Effect.succeed(SkillId.make(id))
}

const limitFrom = (text = String(maxSkillPage)) => {
  const limit = Number(text)
  return Number.isInteger(limit) && limit >= 1 && limit <= maxSkillPage
    ? Effect.succeed(limit)
    : Effect.fail(wireError.bad(`limit must be 1 to ${maxSkillPage}`))
}

/** Adds a link to the next page in the response's `Link` header. */
const linkNext = (after: string, limit: number) =>
  HttpEffect.appendPreResponseHandler((_, response) => {
    const next = `/api/skills?${new URLSearchParams({ after, limit: String(limit) })}`
    return Effect.succeed(HttpServerResponse.setHeader(response, "link", `<${next}>; rel="next"`))
  })

/** The routes for the skills of a workspace. */
export const layerSkillRoutes = HttpApiBuilder.group(
  MusterApi,
  "skills",
  Effect.fn(function*(handlers) {
    const library = yield* SkillLibrary
    const wake = yield* Wake

    const find = Effect.fnUntraced(function*(text: string) {
      const { workspace } = yield* CurrentWorkspace
      const found = yield* library.get(workspace.id, yield* idFrom(text)).pipe(
        Effect.mapError((cause) => wireError.fault("failed to load skill", cause))
      )
      return Option.isSome(found) ? found.value : yield* wireError.absent("skill")
    })

    return handlers.handleAll({
      list: Effect.fnUntraced(function*({ query }) {
        const { workspace } = yield* CurrentWorkspace
        const limit = yield* limitFrom(query.limit)
        const skills = yield* library.list(workspace.id, { after: query.after, most: limit }).pipe(
          Effect.mapError((cause) => wireError.fault("failed to list skills", cause))
        )
        if (skills.length === limit) yield* linkNext(skills[limit - 1]!.name, limit)
        return skills
      }),

      one: ({ params }) => find(params.skillId),

      remove: Effect.fnUntraced(function*({ params }) {
        const { role, workspace } = yield* CurrentWorkspace
        const { userId } = yield* Caller
        const skill = yield* find(params.skillId)
        if (role === "member" && skill.createdBy !== userId) {
          return yield* wireError.forbidden("you can only delete your own skills")
        }
        const removed = yield* library.remove(workspace.id, skill.id).pipe(
          Effect.mapError((cause) => wireError.fault("failed to delete skill", cause))
        )
        if (!removed) return yield* wireError.absent("skill")
        yield* wake.publish(topic.workspace(workspace.id))
        return ok
      })
    })
  })
)
