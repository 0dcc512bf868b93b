import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { make, mask, shapes } from "../../src/task/maskSecrets.ts"

const hex = "0123456789abcdef0123456789abcdef01234567"
const pem = `-----BEGIN RSA PRIVATE KEY-----\nMIIE${hex}\n${hex}\n-----END RSA PRIVATE KEY-----`
const secrets = [`mtk_${hex}`, `sk-proj-${hex}`, `ghp_${hex}`, pem, "correct horse battery", "s3cr3t-value"]
const masks = make(["correct horse battery", "s3cr3t-value", "short"])

/** The text in chunks of these sizes, again and again. */
const cut = (text: string, sizes: ReadonlyArray<number>): ReadonlyArray<string> => {
  const chunks: Array<string> = []
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = sizes.length === 0 ? text.length : sizes[turn % sizes.length]!
    chunks.push(text.slice(at, at + size))
    at += size
  }
  return chunks
}

const streamed = (chunks: ReadonlyArray<string>) => {
  const stream = masks.stream()
  return chunks.map(stream.push).join("") + stream.flush()
}

const Piece = Schema.Union([
  Schema.Literals(secrets),
  Schema.Literals([" ", "\n", "a word ", "sk", "-----", "ey", "short", "."])
])
const Sizes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 30 })))

describe("the masks of secrets", () => {
  it("T-32 masks tokens by their shape, private keys and given values, and nothing else", () => {
    for (const secret of secrets) assert.strictEqual(masks.text(`a ${secret} b`), `a ${mask} b`)
    for (const plain of ["a short text", "task-1", "sk-1", "risk-0123456789abcdef01234567", "eye", "npm_config"]) {
      assert.strictEqual(masks.text(plain), plain)
    }
    assert.strictEqual(shapes.text("s3cr3t-value"), "s3cr3t-value")
  })

  it.prop(
    "T-32 a secret that is split over chunks is masked as in one piece",
    [Schema.Array(Piece), Sizes],
    ([pieces, sizes]) => {
      const text = pieces.join(" ")
      assert.strictEqual(streamed(cut(text, sizes)), masks.text(text))
    },
    { arbitrary: { runs: 500 } }
  )

  it("T-32 what never ends is masked, and the memory for it is bounded", () => {
    const endless = `sk-${"x".repeat(100_000)}`
    assert.strictEqual(streamed(cut(`a ${endless} b`, [1_000])), `a ${mask} b`)
    const open = `-----BEGIN PRIVATE KEY-----\n${"MIIE\n".repeat(20_000)}-----END PRIVATE KEY-----`
    assert.strictEqual(streamed(cut(`a ${open} b`, [1_000])), `a ${mask} b`)
  })
})
