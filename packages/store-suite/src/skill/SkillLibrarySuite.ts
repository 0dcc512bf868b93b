import { describe, it } from "@effect/vitest"
import { assertNone, assertSome, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Identity } from "@muster/domain"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { makeWorkspace, minute, scene, start, together } from "../runtime/Fixture.ts"
import { allUnavailable } from "../runtime/Outage.ts"
import type { StoreBackend } from "../runtime/StoreBackend.ts"
import { add, newSkill, skillId } from "./Fixture.ts"

const everything = { after: undefined, max: 200 }
const namesOf = (rows: ReadonlyArray<{ readonly name: string }>) => rows.map(({ name }) => name)

/** What every SkillLibrary does, on two nodes of one backend. */
export const skillLibrarySuite = (backend: StoreBackend): void => {
  describe(`skills · ${backend.name}`, () => {
    it.effect("S-04 F-15 a skill keeps its text, its files in the order of their paths, their executable bits, its origin, and the requester as its author", () =>
      Effect.gen(function*() {
        const { a, b, user, workspace } = yield* scene(backend)
        const input = newSkill(workspace, user.id, 1)
        const { author, files: _, overwrite, ...fields } = input
        const skill = { ...fields, createdBy: author, createdAt: start, updatedAt: start }
        strictEqual(overwrite, false)
        deepStrictEqual(yield* add(a, input), { _tag: "Created", skill })
        const files = [{ path: "a/a.sh", content: "a", executable: true }, { path: "b.md", content: "b" }]
        assertSome(yield* b.skills.get(workspace.id, skill.id), { ...skill, files })
        const { content, ...summary } = skill
        strictEqual(content, "# Skill")
        deepStrictEqual(yield* b.skills.list(workspace.id, everything), [{ ...summary, fileCount: 3 }])
      }))

    it.effect("S-04 an existing name is a conflict, and nothing is written", () =>
      Effect.gen(function*() {
        const { a, b, user, workspace } = yield* scene(backend)
        const first = yield* add(a, newSkill(workspace, user.id, 1, { name: "same" }))
        const before = yield* a.skills.get(workspace.id, skillId(1))
        const bob = yield* a.access.ensureUser("bob@example.org", "Bob")
        for (const overwrite of [false, true]) {
          const second = newSkill(workspace, bob.id, 2, { name: "same", content: "other", files: [], overwrite })
          deepStrictEqual(yield* add(b, second), { _tag: "Conflict", skill: first.skill })
        }
        deepStrictEqual(yield* b.skills.get(workspace.id, skillId(1)), before)
        assertNone(yield* b.skills.get(workspace.id, skillId(2)))
        const other = yield* makeWorkspace(a, "other", user.id)
        strictEqual((yield* add(a, newSkill(other, user.id, 3, { name: "same" })))._tag, "Created")
      }))

    it.effect("its author may overwrite it: text and files are replaced, and id, author and creation time are kept", () =>
      Effect.gen(function*() {
        const { a, b, user, workspace } = yield* scene(backend)
        const { skill } = yield* add(a, newSkill(workspace, user.id, 1, { name: "same" }))
        yield* TestClock.adjust(minute)
        const again = newSkill(workspace, user.id, 2, {
          name: "same",
          description: "d",
          content: "new",
          config: { origin: { type: "other" } },
          files: [{ path: "c.md", content: "c" }]
        })
        strictEqual((yield* add(b, again))._tag, "Conflict")
        const { config, content, description, files } = again
        const replaced = { ...skill, config, content, description, updatedAt: start + minute }
        deepStrictEqual(yield* add(b, { ...again, overwrite: true }), { _tag: "Overwritten", skill: replaced })
        assertSome(yield* a.skills.get(workspace.id, skill.id), { ...replaced, files })
      }))

    it.effect("a repeated add of a skill is recognized, also if both are concurrent", () =>
      Effect.gen(function*() {
        const { a, b, user, workspace } = yield* scene(backend)
        const input = newSkill(workspace, user.id, 1)
        const added = yield* together(Array.from({ length: 8 }, (_, i) => add(i % 2 === 0 ? a : b, input)))
        deepStrictEqual(new Set(added.map(({ _tag }) => _tag)), new Set(["Created"]))
        deepStrictEqual((yield* add(a, { ...input, name: "another", overwrite: true })).skill.name, input.name)
        strictEqual((yield* a.skills.list(workspace.id, everything)).length, 1)
      }))

    it.effect("of many concurrent adds of one name one succeeds, with its own files", () =>
      Effect.gen(function*() {
        const { a, b, user, workspace } = yield* scene(backend)
        const added = yield* together(Array.from({ length: 8 }, (_, i) =>
          add(
            i % 2 === 0 ? a : b,
            newSkill(workspace, user.id, i, { name: "same", files: [{ path: `${i}`, content: "" }] })
          )))
        const created = added.filter(({ _tag }) => _tag === "Created")
        strictEqual(created.length, 1)
        const { id } = created[0]!.skill
        const whole = yield* a.skills.get(workspace.id, id)
        assertSome(whole, {
          ...created[0]!.skill,
          files: [{ path: String(Number(`0x${id.slice(-12)}`)), content: "" }]
        })
      }))

    it.effect("a list has pages, by name in the order of code points", () =>
      Effect.gen(function*() {
        const { a, b, user, workspace } = yield* scene(backend)
        const names = ["a", "B", "ä", "Z", "b", "\u{1F600}", "\uFF5E", "a b", "aa"]
        yield* Effect.forEach(names, (name, i) => add(a, newSkill(workspace, user.id, i, { name })))
        const ordered = ["B", "Z", "a", "a b", "aa", "b", "ä", "\uFF5E", "\u{1F600}"]
        deepStrictEqual(namesOf(yield* b.skills.list(workspace.id, everything)), ordered)
        deepStrictEqual(namesOf(yield* b.skills.list(workspace.id, { after: undefined, max: 2 })), ["B", "Z"])
        deepStrictEqual(namesOf(yield* b.skills.list(workspace.id, { after: "a b", max: 3 })), ["aa", "b", "ä"])
        deepStrictEqual(yield* b.skills.list(workspace.id, { after: "\u{1F600}", max: 3 }), [])
        const other = yield* makeWorkspace(a, "other", user.id)
        deepStrictEqual(yield* b.skills.list(other.id, everything), [])
      }))

    it.effect("a skill is visible only in its own workspace, until it is removed", () =>
      Effect.gen(function*() {
        const { a, b, user, workspace } = yield* scene(backend)
        const other = yield* makeWorkspace(a, "other", user.id)
        const { skill } = yield* add(a, newSkill(workspace, user.id, 1))
        assertNone(yield* b.skills.get(other.id, skill.id))
        strictEqual(yield* b.skills.remove(other.id, skill.id), false)
        strictEqual(yield* b.skills.remove(workspace.id, skill.id), true)
        assertNone(yield* a.skills.get(workspace.id, skill.id))
        strictEqual(yield* a.skills.remove(workspace.id, skill.id), false)
        strictEqual((yield* add(a, newSkill(workspace, user.id, 2, { name: skill.name })))._tag, "Created")
      }))

    it.effect("S-04 NUL and unpaired surrogates are removed; a skill of the maximum size fits", () =>
      Effect.gen(function*() {
        const { a, b, user, workspace } = yield* scene(backend)
        const files = [{ path: "n\0ul.md", content: "\uD800\0x" }]
        const dirty = newSkill(workspace, user.id, 1, { name: "n\0", description: "\uDC00d", content: "c\0", files })
        yield* add(a, { ...dirty, config: { origin: "\0" } })
        assertSome(yield* b.skills.get(workspace.id, dirty.id), {
          id: dirty.id,
          workspaceId: workspace.id,
          name: "n",
          description: "\uFFFDd",
          content: "c",
          config: { origin: "" },
          createdBy: user.id,
          createdAt: start,
          updatedAt: start,
          files: [{ path: "nul.md", content: "\uFFFDx" }]
        })
        const large = Array.from({ length: 8 }, (_, i) => ({ path: `${i}`, content: "x".repeat(1024 * 1024 - 100) }))
        yield* add(a, newSkill(workspace, user.id, 2, { files: large }))
        const whole = yield* b.skills.get(workspace.id, skillId(2))
        strictEqual(whole._tag === "Some" ? whole.value.files.length : 0, 8)
      }))

    it.effect("an unknown workspace takes none; an unknown person leaves one without an author", () =>
      Effect.gen(function*() {
        const { a, user, workspace } = yield* scene(backend)
        const nowhere = Identity.WorkspaceId.make("00000000-0000-4000-8000-000000000000")
        const error = yield* Effect.flip(a.skills.add({ ...newSkill(workspace, user.id, 1), workspaceId: nowhere }))
        strictEqual(error._tag, "WorkspaceAbsent")
        const nobody = Identity.UserId.make("00000000-0000-4000-8000-000000000000")
        strictEqual((yield* add(a, newSkill(workspace, nobody, 2))).skill.createdBy, null)
      }))

    it.effect("with the backend down every call is unavailable, never absent and never empty", () =>
      Effect.gen(function*() {
        const { a, b, outage, user, workspace } = yield* scene(backend)
        const { skill } = yield* add(a, newSkill(workspace, user.id, 1))
        yield* b.skills.get(workspace.id, skill.id)
        yield* outage
        for (const { skills } of [a, b]) {
          yield* allUnavailable([
            skills.add(newSkill(workspace, user.id, 2)),
            skills.list(workspace.id, everything),
            skills.get(workspace.id, skill.id),
            skills.remove(workspace.id, skill.id)
          ])
        }
      }))
  })
}
