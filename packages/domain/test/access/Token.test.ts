import { assert, describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, assertUndefined, strictEqual } from "@effect/vitest/utils"
import { Token } from "@muster/domain"
import { Effect, Schema } from "effect"

const upTo = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))
const digits = "0123456789abcdef"

describe("Token", () => {
  it.effect.each(["user", "daemon"] as const)(
    "a %s token has its kind's prefix, is well formed, and is unique",
    (kind) =>
      Effect.gen(function*() {
        const tokens = yield* Effect.forEach(Array.from({ length: 1_000 }), () => Token.generate(kind))
        strictEqual(new Set(tokens).size, tokens.length)
        for (const token of tokens) {
          assert.match(token, kind === "user" ? /^mul_[0-9a-f]{40}$/ : /^mdt_[0-9a-f]{40}$/)
          strictEqual(Token.kindOf(token), kind)
          assertTrue(Token.isWellFormed(token))
          strictEqual(Token.prefixOf(token), token.slice(0, 12))
        }
      })
  )

  it.effect.prop(
    "the checksum detects one wrong digit in any place",
    { place: upTo(39), by: upTo(14) },
    ({ by, place }) =>
      Effect.gen(function*() {
        const token = yield* Token.generate("user")
        const at = 4 + place
        const other = digits[(digits.indexOf(token[at]!) + 1 + by) % 16]!
        assertFalse(Token.isWellFormed(token.slice(0, at) + other + token.slice(at + 1)))
      }),
    { arbitrary: { runs: 1_000 } }
  )

  it.effect("a missing digit, a digit too many, capitals, spaces and other prefixes are refused", () =>
    Effect.gen(function*() {
      const token = yield* Token.generate("daemon")
      const spoilt = [
        token.slice(0, -1),
        `${token}0`,
        ` ${token}`,
        `${token}\n`,
        token.slice(4),
        `mux_${token.slice(4)}`
      ]
      for (const text of [...spoilt, token.toUpperCase(), "", "mul_"]) assertFalse(Token.isWellFormed(text))
    }))

  it.prop("random text is almost never a token", [Schema.String], ([text]) => {
    assertFalse(Token.isWellFormed(text))
    assertFalse(Token.isWellFormed(`mul_${text}`))
  })

  it.each(["", "mul", "mul-", "MUL_0", "xmul_", "jwt.a.b"])("%j has no kind", (text) => {
    assertUndefined(Token.kindOf(text))
  })
})
