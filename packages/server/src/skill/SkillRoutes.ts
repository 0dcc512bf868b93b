import { Api, Security, Skill, SkillLibrary, Uuid, Wake, WireError } from "@muster/domain"
import { Effect, Option } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import * as HttpEffect from "effect/http/HttpEffect"
import { Audit } from "../audit/Audit.ts"

const idFrom = (text: string) => {
  const id = Uuid.parse(text)
  return id === undefined ? Effect.fail(WireError.invalid("skill_id")) : Effect.succeed(Skill.SkillId.make(id))
}

const limitFrom = (text = String(SkillLibrary.maxPage)) => {
  const limit = Number(text)
  return Number.isInteger(limit) && limit >= 1 && limit <= SkillLibrary.maxPage
    ? Effect.succeed(limit)
    : Effect.fail(WireError.bad(`limit must be 1 to ${SkillLibrary.maxPage}`))
}

/** Adds a link to the next page in the response's `Link` header. */
const linkNext = (after: string, limit: number) =>
  HttpEffect.appendPreResponseHandler((_, response) => {
    const next = `/api/skills?${new URLSearchParams({ after, limit: String(limit) })}`
    return Effect.succeed(HttpServerResponse.setHeader(response, "link", `<${next}>; rel="next"`))
  })

/** The routes for the skills of a workspace. */
export const layerSkillRoutes = HttpApiBuilder.group(
  Api.MusterApi,
  "skills",
  Effect.fn(function*(handlers) {
    const library = yield* SkillLibrary.SkillLibrary
    const wake = yield* Wake.Wake
    const audit = yield* Audit

    const find = Effect.fnUntraced(function*(text: string) {
      const { workspace } = yield* Security.CurrentWorkspace
      const found = yield* library.get(workspace.id, yield* idFrom(text)).pipe(
        Effect.mapError((cause) => WireError.fault("failed to load skill", cause))
      )
      return Option.isSome(found) ? found.value : yield* WireError.absent("skill")
    })

    return handlers.handleAll({
      list: Effect.fnUntraced(function*({ query }) {
        const { workspace } = yield* Security.CurrentWorkspace
        const limit = yield* limitFrom(query.limit)
        const skills = yield* library.list(workspace.id, { after: query.after, max: limit }).pipe(
          Effect.mapError((cause) => WireError.fault("failed to list skills", cause))
        )
        if (skills.length === limit) yield* linkNext(skills[limit - 1]!.name, limit)
        return skills
      }),

      one: ({ params }) => find(params.skillId),

      remove: Effect.fnUntraced(function*({ params }) {
        const { role, workspace } = yield* Security.CurrentWorkspace
        const { userId } = yield* Security.Caller
        const skill = yield* find(params.skillId)
        if (role === "member" && skill.createdBy !== userId) {
          return yield* WireError.forbidden("you can only delete your own skills")
        }
        const removed = yield* library.remove(workspace.id, skill.id).pipe(
          Effect.mapError((cause) => WireError.fault("failed to delete skill", cause))
        )
        if (!removed) return yield* WireError.absent("skill")
        yield* wake.publish(Wake.topic.workspace(workspace.id))
        yield* audit.record({ action: "skill.delete", target: { kind: "skill", id: skill.id, name: skill.name } })
        return Api.ok
      })
    })
  })
)
