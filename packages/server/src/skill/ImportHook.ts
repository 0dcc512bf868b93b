import {
  type Identity,
  Kinds,
  type Request,
  type Runtime,
  Skill,
  SkillBundle,
  SkillLibrary,
  Uuid,
  Wake
} from "@muster/domain"
import { Effect, Option, Result, Schema } from "effect"
import { Audit } from "../audit/Audit.ts"
import type { Hook, PreparedOutcome } from "../request/Hooks.ts"

const decodeAsked = Schema.decodeUnknownOption(Kinds.LocalSkillImport.payload)
const decodeReport = Schema.decodeUnknownOption(Kinds.LocalSkillImport.report)
const decodeResult = Schema.decodeUnknownOption(Kinds.LocalSkillImport.result)
const encodeResult = Schema.encodeSync(Kinds.LocalSkillImport.result)

const nameTaken = "a skill with this name already exists"

/** An outcome for which nothing was created. */
const ended = (outcome: Request.Outcome): PreparedOutcome => ({ outcome, isIn: () => false, undo: Effect.void })
const failed = (error: string) => ended({ _tag: "Failed", error })

const completed = (result: typeof Kinds.LocalSkillImport.result.Type): Request.Outcome => ({
  _tag: "Completed",
  result: encodeResult(result) as Request.Json
})

/** Returns whether the record's result is this skill. */
const holds = (id: Skill.SkillId) => ({ state }: Request.Request): boolean =>
  state._tag === "Completed" && Option.exists(decodeResult(state.result), ({ skill }) => skill?.id === id)

/** The name exists; for a caller that supports conflicts. */
const conflict = ({ createdBy, id, name }: Skill.Skill, by: Identity.UserId) =>
  ended(completed({ conflict: { skill_id: id, name, created_by: createdBy, can_overwrite: createdBy === by } }))

const newSkill = (
  runtime: Runtime.Runtime,
  request: Request.Request,
  author: Identity.UserId,
  bundle: SkillBundle.SkillBundle,
  key: string
): SkillLibrary.NewSkill => ({
  // The request's own 128 bits: a repeated report makes the same skill.
  id: Skill.SkillId.make(Uuid.parse(request.id)!),
  workspaceId: runtime.workspaceId,
  name: bundle.name,
  description: bundle.description,
  content: bundle.content,
  config: {
    origin: {
      type: "runtime_local",
      runtime_id: runtime.id,
      provider: bundle.provider || runtime.provider,
      source_path: bundle.sourcePath,
      skill_key: key
    }
  },
  files: bundle.files,
  author,
  overwrite: false
})

/**
 * Adds an imported skill with its files to the workspace's library; its author is the person who asked. A name that
 * exists is a failure or, for a caller that supports them, a conflict; then nothing is written. Source:
 * `docs/protocol.md` 7.8.
 */
export const makeImportHook = Effect.gen(function*() {
  const library = yield* SkillLibrary.SkillLibrary
  const wake = yield* Wake.Wake
  const audit = yield* Audit

  /** The person who asked imported the skill; the report came from the daemon. */
  const record = ({ id: runtimeId, workspaceId }: Runtime.Runtime, { by, payload, state }: Request.Request) => {
    const skill = state._tag === "Completed" ? Option.getOrUndefined(decodeResult(state.result))?.skill : undefined
    if (skill === undefined || by === null) return Effect.void
    const overwrite = Option.exists(decodeAsked(payload), ({ overwrite }) => overwrite === true)
    return audit.record({
      action: "skill.import",
      workspaceId,
      actor: { kind: "person", id: by, name: null },
      credential: null,
      address: null,
      client: null,
      target: { kind: "skill", id: skill.id, name: skill.name },
      details: { runtime_id: runtimeId, overwrite }
    })
  }

  const hook: Hook = {
    complete: Effect.fn("ImportHook.complete")(
      function*(runtime: Runtime.Runtime, request: Request.Request, reported: Request.Json) {
        const { by } = request
        const asked = Option.getOrUndefined(decodeAsked(request.payload))
        const bundle = Option.getOrUndefined(decodeReport(reported))?.skill
        if (asked === undefined || by === null) return failed("it is not known who asked for this import")
        if (bundle === undefined) return failed("daemon returned an empty skill bundle")
        const read = SkillBundle.bundleFrom(bundle, asked)
        if (Result.isFailure(read)) return failed(read.failure)
        const input = newSkill(runtime, request, by, read.success, asked.skill_key)
        const added = yield* library.add({ ...input, overwrite: asked.overwrite === true }).pipe(
          Effect.catchTag("WorkspaceAbsent", () => Effect.void)
        )
        if (added === undefined) return failed("the workspace is gone")
        const { skill } = added
        if (added._tag === "Conflict") return asked.supports_conflict === true ? conflict(skill, by) : failed(nameTaken)
        return {
          outcome: completed({ skill }),
          isIn: holds(skill.id),
          // An overwritten skill is not restored: the caller asked to overwrite it.
          undo: added._tag === "Created" ? Effect.asVoid(library.remove(skill.workspaceId, skill.id)) : Effect.void
        }
      }
    ),
    settled: (runtime, request) =>
      Effect.andThen(record(runtime, request), wake.publish(Wake.topic.workspace(runtime.workspaceId)))
  }
  return hook
})
