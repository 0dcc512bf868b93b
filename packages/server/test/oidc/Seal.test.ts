import { assert, describe, it } from "@effect/vitest"
import { Option, Redacted } from "effect"
import { makeSeal } from "../../src/oidc/Seal.ts"

const seal = makeSeal(Redacted.make("secret"), "a purpose")

describe("a seal", () => {
  it("A-09 opens what it sealed, on every replica with the same secret, and nothing else", () => {
    for (const text of ["", "{}", "ü".repeat(1_000)]) {
      const sealed = seal.seal(text)
      assert.deepStrictEqual(makeSeal(Redacted.make("secret"), "a purpose").open(sealed), Option.some(text))
      assert.notStrictEqual(seal.seal(text), sealed)
      assert.deepStrictEqual(makeSeal(Redacted.make("secret"), "another purpose").open(sealed), Option.none())
      assert.deepStrictEqual(makeSeal(Redacted.make("another"), "a purpose").open(sealed), Option.none())
    }
  })

  it("A-09 does not open after any bit was changed, or without its end", () => {
    const bytes = Buffer.from(seal.seal("{}"), "base64url")
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      assert.deepStrictEqual(seal.open(changed.toString("base64url")), Option.none(), `bit ${bit}`)
    }
    for (let length = 0; length < bytes.length; length++) {
      assert.deepStrictEqual(seal.open(bytes.subarray(0, length).toString("base64url")), Option.none())
    }
  })
})
