import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { bundle, completed, startImport } from "./ImportScene.ts"

/** JSON as Go writes it: `<`, `>` and `&` escaped, and each byte that is not UTF-8 as `\ufffd`. */
const goJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll("<", "\\u003c").replaceAll(">", "\\u003e").replaceAll("&", "\\u0026")
    .replaceAll("\uFFFD", "\\ufffd")

/** Bytes without a pattern, the same in each run. */
const noise = (length: number): Uint8Array => {
  let state = 1
  return Uint8Array.from({ length }, () => (state = Math.imul(state, 1_103_515_245) + 12_345) >>> 16)
}

/** A binary file as Go reads it: as text, each byte that is not UTF-8 replaced. */
const asGoText = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8")

describe("the skills of a daemon in Go", () => {
  it.effect("F-06 4 files of 900 kB of `<`, and 8 MiB of them, are imported, though their reports have 21 and 48 MiB", () =>
    Effect.gen(function*() {
      const { importOne, me } = yield* startImport()
      for (const [name, count, length] of [["four", 4, 900_000], ["eight", 8, 1024 * 1024]] as const) {
        const { record, report } = yield* importOne()
        const files = Array.from({ length: count }, (_, i) => ({ path: `${i}.html`, content: "<".repeat(length) }))
        const body = goJson(completed({ ...bundle, name, content: "", files }))
        assert.isAbove(body.length, 6 * count * length)
        assert.strictEqual((yield* report(body)).status, 200)
        const { error, skill, status } = yield* record
        assert.deepStrictEqual([status, error], ["completed", undefined])
        const kept = (yield* me.get(`/api/skills/${skill.id}`)).json.files
        assert.deepStrictEqual(
          kept.map(({ content }: { readonly content: string }) => content.length),
          files.map(() => length)
        )
      }
    }))

  it.effect("F-06 6 MB of binary files are left out of the skill, as with our own daemon, and do not refuse it", () =>
    Effect.gen(function*() {
      const { me, record, report } = yield* startImport()
      const image = asGoText(noise(1_000_000))
      const binary = Array.from({ length: 6 }, (_, i) => ({ path: `assets/${i}.png`, content: image }))
      const latin1 = asGoText(
        Buffer.from("Gr\u00fc\u00dfe aus K\u00f6ln an alle, die dies lesen k\u00f6nnen", "latin1")
      )
      const text = [{ path: "notes.md", content: "notes" }, { path: "words.txt", content: latin1 }]
      assert.strictEqual((yield* report(goJson(completed({ ...bundle, files: [...binary, ...text] })))).status, 200)
      const { skill, status } = yield* record
      assert.strictEqual(status, "completed")
      assert.deepStrictEqual((yield* me.get(`/api/skills/${skill.id}`)).json.files, text)
    }))

  it.effect("F-06 a replaced byte counts as one, as the daemon counted it", () =>
    Effect.gen(function*() {
      const { record, report } = yield* startImport()
      const line = `${"x".repeat(95)}\uFFFD\uFFFD\uFFFD\uFFFD\n`
      const content = line.repeat(10_400)
      assert.isAbove(Buffer.byteLength(content), 1024 * 1024)
      yield* report(goJson(completed({ ...bundle, content, files: [{ path: "a.txt", content }] })))
      assert.strictEqual((yield* record).status, "completed")
    }))

  it.effect("F-06 a report over a bound fails the request immediately with that bound", () =>
    Effect.gen(function*() {
      const { importOne } = yield* startImport()
      const files = (count: number, content: string) =>
        completed({ ...bundle, files: Array.from({ length: count }, (_, i) => ({ path: `${i}`, content })) })
      const cases = [
        [completed({ ...bundle, content: "x".repeat(1024 * 1024 + 1) }), 200, "SKILL.md exceeds 1048576 bytes"],
        [files(257, ""), 200, "local skill exceeds 256 files"],
        [files(9, "x".repeat(1_000_000)), 200, "local skill exceeds 8388608 bytes in total"],
        [
          files(1_025, ""),
          400,
          "the server refused the daemon's result: skill.files must be a value with a length of at most 1024"
        ],
        [
          completed({ ...bundle, name: 1 }),
          400,
          "the server refused the daemon's result: skill.name has a value that is not accepted"
        ]
      ] as const
      for (const [body, status, reason] of cases) {
        const { record, report } = yield* importOne()
        assert.strictEqual((yield* report(goJson(body))).status, status, reason)
        const { error, ...rest } = yield* record
        assert.deepStrictEqual([rest.status, error], ["failed", reason])
      }
    }))

  it.effect.each(
    [
      ["`>-`", ">-", "description: >-\n  one\n  two", "one two"],
      ["its first line", "one", "description: one\n  two\n\n  three", "one two\nthree"],
      ["nothing", "", "description:\n  one", "one"],
      ["another one", "other", "description: one", "other"],
      ["one without a front matter", "one", "license: MIT", "one"]
    ] as const
  )(
    "F-14 a description that a daemon reads line by line as %s is read as its author meant it",
    ([, description, line, meant]) =>
      Effect.gen(function*() {
        const { record, report } = yield* startImport()
        const content = `---\nname: review\nargument-hint: [service] [--env staging|prod]\n${line}\n---\n`
        yield* report(completed({ ...bundle, description, content }))
        assert.strictEqual((yield* record).skill.description, meant)
      })
  )

  it.effect("F-15 dependencies, caches, archives and editors' files are left out; executable files remain executable", () =>
    Effect.gen(function*() {
      const { me, record, report } = yield* startImport()
      const foreign = [
        "node_modules/a/index.js",
        "lib/Node_Modules/a.js",
        "__pycache__/a.pyc",
        "a.pyc",
        ".git/config",
        ".DS_Store",
        "a.md~",
        "a.md.swp",
        "#a.md#",
        "kit.zip",
        "kit.tar.gz",
        "Thumbs.db"
      ]
      const own = [
        { path: "modules/node.md", content: "x" },
        { path: "run.sh", content: "x", executable: true },
        { path: "swap.sw", content: "x" }
      ]
      const files = [
        ...foreign.map((path) => ({ path, content: "x" })),
        ...own.map((file) => ({ executable: null, ...file }))
      ]
      yield* report(completed({ ...bundle, files }))
      const { skill } = yield* record
      assert.deepStrictEqual((yield* me.get(`/api/skills/${skill.id}`)).json.files, own)
    }))
})
