import { assert, describe, it } from "@effect/vitest"
import { assertTrue, assertUndefined, strictEqual } from "@effect/vitest/utils"
import { Uuid } from "@muster/domain"
import { Effect, Schema } from "effect"

const isCanonical = Schema.is(Uuid.Uuid)
const bare = (text: string) => text.replaceAll("-", "")

describe("Uuid", () => {
  it.prop("every form of a UUID is read as its canonical form", [Uuid.Uuid], ([id]) => {
    for (const text of [id, id.toUpperCase(), bare(id), bare(id).toUpperCase()]) strictEqual(Uuid.parse(text), id)
  })

  it.prop("a canonical UUID does not change, and reading twice changes nothing", [Uuid.Uuid], ([id]) => {
    strictEqual(Uuid.parse(Uuid.parse(id)!), id)
    assertTrue(isCanonical(id))
  })

  it.prop("every text that is read becomes canonical", [Schema.String], ([text]) => {
    const id = Uuid.parse(text)
    assertTrue(id === undefined || isCanonical(id))
  })

  it.prop("one character more or less is refused", [Uuid.Uuid, Schema.Literals([0, 8, 20, 35])], ([id, at]) => {
    assertUndefined(Uuid.parse(id.slice(0, at) + id.slice(at + 1)))
    assertUndefined(Uuid.parse(`${id.slice(0, at)}0${id.slice(at)}`))
    assertUndefined(Uuid.parse(`${id.slice(0, at)}g${id.slice(at + 1)}`))
  })

  it.each([
    "",
    " 6b1f0e0a-8a5c-4b9e-9e1a-2f3c4d5e6f70",
    "6b1f0e0a-8a5c-4b9e-9e1a-2f3c4d5e6f70\n",
    "{6b1f0e0a-8a5c-4b9e-9e1a-2f3c4d5e6f70}",
    "urn:uuid:6b1f0e0a-8a5c-4b9e-9e1a-2f3c4d5e6f70",
    "6b1f0e0a8a5c-4b9e-9e1a-2f3c4d5e6f70",
    "6b1f-0e0a8a5c-4b9e-9e1a-2f3c4d5e6f70"
  ])("%j is not a UUID", (text) => {
    assertUndefined(Uuid.parse(text))
  })

  it.effect("a random UUID is canonical, of version 4, and unique", () =>
    Effect.gen(function*() {
      const ids = yield* Effect.forEach(Array.from({ length: 1_000 }), () => Uuid.random)
      strictEqual(new Set(ids).size, ids.length)
      for (const id of ids) {
        assertTrue(isCanonical(id))
        assert.match(id, /^.{14}4.{4}[89ab]/)
      }
    }))
})
