import { assert, describe, it } from "@effect/vitest"
import { WireError } from "@muster/domain"
import { Effect, Ref } from "effect"
import type { Session } from "../src/api/Session.ts"
import { exitCodes } from "../src/failure/ExitCode.ts"
import { importKeys } from "../src/skill/ImportItems.ts"
import type { Item } from "../src/skill/ImportItems.ts"
import { findSkill } from "../src/skill/SkillLibrary.ts"
import { runtime } from "./support/Fixtures.ts"

type Skill = Parameters<typeof findSkill>[0][number]

const skill = (id: string, name: string) => ({ id, name }) as Skill

const review = skill("abcd1111-0000-4000-8000-000000000000", "review")
const release = skill("abcd2222-0000-4000-8000-000000000000", "release")
const named = skill("ffff0000-0000-4000-8000-000000000000", "abcd")

const key = (n: number) => `skill-${n}`
const conflict = (name: string) => ({
  id: "0".repeat(32),
  status: "completed",
  conflict: { skill_id: review.id, name, created_by: null, can_overwrite: false }
})

describe("the names of skills", () => {
  it.effect.each([["name", "release"], ["id", release.id], ["id in capitals", "ABCD2222"]] as const)(
    "finds a skill by its %s",
    ([, text]) => Effect.map(findSkill([review, release, named], text), (found) => assert.strictEqual(found, release))
  )

  it.effect("C-06 does not guess which of several skills to show or delete; a name precedes an id", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(findSkill([review, release], "abcd"))
      assert.strictEqual(failure.exitCode, exitCodes.usage)
      assert.strictEqual(failure.sentence, `"abcd" matches 2 skills: review (${review.id}), release (${release.id})`)
      assert.strictEqual(yield* findSkill([review, release, named], "abcd"), named)
      assert.strictEqual((yield* Effect.flip(findSkill([review], "abc"))).exitCode, exitCodes.notFound)
    }))

  it.effect("C-06 each import has its own result, whatever the next hundred return", () =>
    Effect.gen(function*() {
      const calls = yield* Ref.make(0)
      const seen = yield* Ref.make<ReadonlyArray<Item>>([])
      const askMany = (
        { payload }: { readonly payload: { readonly requests: ReadonlyArray<{ readonly skill_key: string }> } }
      ) =>
        Effect.flatMap(
          Ref.getAndUpdate(calls, (n) => n + 1),
          (call) =>
            call > 0 ? Effect.fail(WireError.fault("failed to load runtime")) : Effect.succeed({
              requests: payload.requests.map(({ skill_key }, i) =>
                i === 0
                  ? { error: "failed to enqueue", code: "unavailable" }
                  : i === 1
                  ? { error: "invalid skill key", code: "bad_request" }
                  : conflict(skill_key)
              )
            })
        )
      const session = {
        muster: { localSkillImport: { askMany } },
        connection: { url: "http://127.0.0.1:1" }
      } as unknown as Session
      const wanted = Array.from({ length: 150 }, (_, n) => ({ key: key(n) }))
      const items = yield* importKeys(
        session,
        runtime("1"),
        wanted,
        false,
        (item) => Ref.update(seen, (all) => [...all, item])
      )
      assert.deepStrictEqual(items.map((item) => item.key), wanted.map((one) => one.key))
      assert.strictEqual((yield* Ref.get(seen)).length, wanted.length)
      assert.deepStrictEqual(
        items.map((item) => item.outcome === "refused" ? item.class : "imported"),
        ["server", "usage", ...Array.from({ length: 98 }, () => "other"), ...Array.from({ length: 50 }, () => "server")]
      )
    }))
})
