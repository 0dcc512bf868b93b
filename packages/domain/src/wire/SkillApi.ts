import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import * as SkillLibrary from "../skill/SkillLibrary.ts"
import * as SkillLimits from "../skill/SkillLimits.ts"
import { SkillSummaryRecord, WholeSkillRecord } from "../skill/SkillRecord.ts"
import { listOf, textOf, Word } from "../text/BoundedText.ts"
import { Ok } from "./DaemonApi.ts"
import { ReadableErrors, UserAuth, WorkspaceScope } from "./Security.ts"
import { BadRequest, Forbidden, NotFound, ServerFault } from "./WireError.ts"

const errors = [BadRequest, NotFound, ServerFault] as const
const params = { skillId: Word }

/** The skills that a workspace keeps. Every member can see them; their authors, admins and owners can delete them. */
export class SkillApi extends HttpApiGroup.make("skills").add(
  HttpApiEndpoint.get("list", "/", {
    query: {
      /** By name: those after this one. */
      after: Schema.optionalKey(textOf(SkillLimits.limits.name)),
      /** 1 to 200; 200 by default. */
      limit: Schema.optionalKey(Word)
    },
    /**
     * A bare array, as the Go CLI reads it. A page as long as `limit` may have a next one: `after` its last name; the
     * response's `Link` header has that address.
     */
    success: listOf(SkillSummaryRecord, SkillLibrary.maxPage),
    error: errors
  }),
  HttpApiEndpoint.get("one", "/:skillId", { params, success: WholeSkillRecord, error: errors }),
  HttpApiEndpoint.delete("remove", "/:skillId", { params, success: Ok, error: [...errors, Forbidden] })
).middleware(WorkspaceScope).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/skills").annotateMerge(
  OpenApi.annotations({ title: "Skills", description: "The skills of a workspace." })
) {}
