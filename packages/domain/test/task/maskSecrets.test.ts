import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { make, mask, type MaskedPart, shapes } from "../../src/task/maskSecrets.ts"
import { SecretScan, wantedOf } from "../../src/task/SecretScan.ts"

const hex = "0123456789abcdef0123456789abcdef01234567"
const pem = `-----BEGIN RSA PRIVATE KEY-----\nMIIE${hex}\n${hex}\n-----END RSA PRIVATE KEY-----`
const values = ["correct horse battery", "horse battery staple", "s3cr3t-value", "a\"quoted\"\nvalue", "aaaaaaaab"]
const secrets = [`mtk_${hex}`, `sk-proj-${hex}`, `ghp_${hex}`, pem, ...values]
const masks = make([...values, "short"])

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

/** What is to be masked, found in the slowest and plainest way: at each position, by each pattern. */
const masked = (text: string): string => {
  const shaped = [
    /(?<![A-Za-z0-9])(?:mtk_|sk-|ghp_|npm_|eyJ)[A-Za-z0-9_\-./+=]{16,}/y,
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/y
  ]
  const covered = Array.from({ length: text.length }, () => false)
  for (let at = 0; at < text.length; at++) {
    const lengths = values.filter((value) => text.startsWith(value, at)).map(({ length }) => length)
    for (const pattern of shaped) {
      pattern.lastIndex = at
      lengths.push(pattern.exec(text)?.[0].length ?? 0)
    }
    covered.fill(true, at, at + Math.max(0, ...lengths))
  }
  return [...covered.keys()].map((at) => !covered[at] ? text[at] : covered[at - 1] === true ? "" : mask).join("")
}

/** The texts of parts that were masked one after the other, each passed on before the next one came. */
const parted = (chunks: ReadonlyArray<string>) => {
  const parts: Array<MaskedPart> = []
  for (const chunk of chunks) parts.push(shapes.part(chunk, parts.at(-1)))
  return parts.map(({ text }) => text)
}

const near = [" ", "\n", "a word ", "ri", "sk", "sk-", "-----", "-----BEGIN ", "ey", "short", ".", "aaaa", "0123456789"]
const keyParts = ["-----BEGIN PRIVATE KEY-----", "-----END ", "PRIVATE KEY", "-----END PRIVATE KEY-----"]
const Pieces = Schema.Array(
  Schema.Union([Schema.Literals(secrets), Schema.Literals(near), Schema.Literals(near), Schema.Literals(keyParts)])
)
const Sizes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 30 })))

describe("the masks of secrets", () => {
  it("T-32 masks tokens by their shape, private keys and given values, and nothing else", () => {
    for (const secret of secrets) assert.strictEqual(masks.text(`a ${secret} b`), `a ${mask} b`)
    for (const plain of ["a short text", "task-1", "sk-1", "risk-0123456789abcdef01234567", "eye", "npm_config"]) {
      assert.strictEqual(masks.text(plain), plain)
    }
    assert.strictEqual(shapes.text("s3cr3t-value"), "s3cr3t-value")
    const block = "-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQ\n-----END PGP PRIVATE KEY BLOCK-----"
    assert.strictEqual(shapes.text(`a ${block} b`), `a ${mask} b`)
    assert.strictEqual(shapes.text("-----BEGIN CERTIFICATE-----\nMII"), "-----BEGIN CERTIFICATE-----\nMII")
    const shared = "-----BEGIN PRIVATE KEY-----END PRIVATE KEY-----"
    assert.strictEqual(shapes.text(`a ${shared}\nMII`), `a ${mask}`)
    assert.deepStrictEqual(parted(["-----BEGIN PRIVATE KEY-----", "END PRIVATE KEY-----\nMII"]), [mask, ""])
  })

  it("T-32 masks every kind of secret that Muster makes, and the tokens of common services", () => {
    const ours = ["mul_", "mdt_", "mtk_", "mmc_", "mjt_", "mjk_", "miv_", "mln_"].map((start) => `${start}${hex}`)
    const others = [
      "sk_live_51H8abcdefghijklmnop",
      "rk_live_51H8abcdefghijklmnop",
      "xoxa-2-abcdefghijklmnop",
      "xoxs-1234567890-abcdefgh",
      "xapp-1-A0123-456-abcdef",
      "ya29.a0AfH6SMBabcdefghijkl",
      "pypi-AgEIcHlwaS5vcmcCJGFi",
      "dop_v1_0123456789abcdef01",
      "hvs.CAESIJabcdefghijklmnop",
      "glrt-abcdefghijklmnopqrst",
      "SG.abcdefghijklmnop.qrstuv"
    ]
    for (const secret of [...ours, ...others]) assert.strictEqual(shapes.text(`a ${secret} b`), `a ${mask} b`)
    for (const plain of ["pypi-mirror.example.org/simple", "sk_test", "SG.x", "hvs.example.org"]) {
      assert.strictEqual(shapes.text(plain), plain)
    }
  })

  it("T-32 secrets that overlap are masked as one, and a value also in the form that JSON gives it", () => {
    assert.strictEqual(masks.text("a correct horse battery staple b"), `a ${mask} b`)
    assert.strictEqual(masks.text(JSON.stringify({ env: "a\"quoted\"\nvalue" })), `{"env":"${mask}"}`)
  })

  it.prop(
    "T-32 any text is masked as by the plainest search, and any split of it as in one piece",
    [Pieces, Sizes],
    ([pieces, sizes]) => {
      const text = pieces.join("")
      assert.strictEqual(masks.text(text), masked(text))
      assert.strictEqual(streamed(cut(text, sizes)), masks.text(text))
      assert.strictEqual(streamed([...text]), masks.text(text))
    },
    { arbitrary: { runs: 500 } }
  )

  it("T-32 an end waits only if a secret may begin with it", () => {
    const kept = (text: string) => text.slice(masks.stream().push(text).length)
    assert.deepStrictEqual(["working", "task", "a ", "x sk", "gh", "no hors"].map(kept), [
      "",
      "",
      "",
      "sk",
      "gh",
      "hors"
    ])
  })

  it("T-32 what never ends is masked", () => {
    const endless = `sk-${"x".repeat(100_000)}`
    assert.strictEqual(streamed(cut(`a ${endless} b`, [1_000])), `a ${mask} b`)
    const open = `-----BEGIN PRIVATE KEY-----\n${"MIIE\n".repeat(20_000)}-----END PRIVATE KEY-----`
    assert.strictEqual(streamed(cut(`a ${open} b`, [1_000])), `a ${mask} b`)
  })

  it("T-32 the work is linear in the text for any chunks, and what waits is shorter than the longest value", () => {
    const value = `${"a".repeat(2_000)}b`
    const texts = {
      "no secret": "a word, and/a/path.ts\n".repeat(2_000),
      "one long run": "x".repeat(20_000),
      "many runs": `${"x".repeat(500)} `.repeat(100),
      "an endless token": `sk-${"x".repeat(20_000)}`,
      "an endless key": `-----BEGIN PRIVATE KEY-----\n${"MIIE\n".repeat(4_000)}`,
      "starts of keys": "-----BEGIN ".repeat(5_000),
      "almost a value": "a".repeat(20_000)
    }
    for (const [name, text] of Object.entries(texts)) {
      for (const size of [1, 7, 4_096, text.length]) {
        const scan = new SecretScan(wantedOf([value]))
        let waits = 0
        let most = 0
        for (const chunk of cut(text, [size])) {
          waits += chunk.length - scan.push(chunk).length
          most = Math.max(most, waits)
        }
        if (!name.startsWith("an endless")) assert.isBelow(most, value.length, name)
        assert.isAtMost(scan.steps, 2 * text.length, `${name} in chunks of ${size}`)
      }
    }
  })

  it("T-32 of a secret whose head was passed on before the rest came, the rest is masked", () => {
    const token = `mtk_${hex}`
    assert.deepStrictEqual(parted([`a ${token.slice(0, 7)}`, `${token.slice(7)} b`]), ["a mtk_012", `${mask} b`])
    assert.deepStrictEqual(parted(["a mtk_012", "345", "6789abcdef", "0123 b"]), ["a mtk_012", "345", mask, " b"])
    assert.deepStrictEqual(parted([`a ${token.slice(0, 13)}`, token.slice(13), " b"]), [`a ${mask}`, "", " b"])
    assert.deepStrictEqual(parted([`a ${token}`, "", "0123", " b"]), [`a ${mask}`, "", "", " b"])
    assert.deepStrictEqual(parted(["a mt", "k_012 b"]), ["a mt", "k_012 b"])
    assert.deepStrictEqual(parted(["ri", `sk-${hex}`]), ["ri", `sk-${hex}`])
    const [head, ...rest] = pem.split("RIVATE")
    assert.deepStrictEqual(parted([`a ${head}`, ...rest.map((part) => `RIVATE${part}`), " b"]), [
      `a ${head}`,
      mask,
      "",
      " b"
    ])
  })

  it.prop(
    "T-32 of a secret that is split over parts at most the start of it is shown, and all other words are",
    [Schema.Array(Schema.Literals([`mtk_${hex}`, `ghp_${hex}`, pem, "alpha", "so", "risk-averse"])), Sizes],
    ([pieces, sizes]) => {
      const shown = parted(cut(pieces.join(" "), sizes)).join("")
      assert.notInclude(shown, "mtk_01234567")
      assert.notInclude(shown, "ghp_01234567")
      assert.notInclude(shown, "MII")
      assert.notInclude(shown, "abc")
      const words = (text: string) => text.split(" ").filter((word) => /^(?:alpha|so|risk-averse)$/.test(word))
      assert.deepStrictEqual(words(shown), words(pieces.join(" ")))
    },
    { arbitrary: { runs: 500 } }
  )
})
