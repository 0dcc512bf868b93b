import { assert, describe, it } from "@effect/vitest"
import { FrontMatter } from "@muster/domain"
import { anyFrontMatter } from "./FrontMatterForms.ts"

const { absent, invalid, open, undescribed } = {
  absent: "SKILL.md has no front matter",
  invalid: "the front matter of SKILL.md is not valid YAML",
  open: "the front matter of SKILL.md is not closed",
  undescribed: "SKILL.md has no description"
}

describe("the front matter of a SKILL.md", () => {
  it.prop(
    "F-14 name and description are the same in every form, with any other lines",
    [anyFrontMatter],
    ([{ description, name, text }]) => {
      const read = FrontMatter.of(text)
      assert.deepStrictEqual([read.name, read.description], [name, description], text)
    },
    { arbitrary: { runs: 2_000 } }
  )

  it.each(
    [
      [
        "a bad line next to a folded description",
        "---\nname: a\nargument-hint: [service] [--env staging|prod]\ndescription: >-\n  one\n  two\n\n  three\n---\n",
        ["a", "one two\nthree", [invalid]]
      ],
      ["kept lines, bad", "---\nname: a\nx: [] []\ndescription: |\n  one\n    two\n---\n", ["a", "one\n  two", [
        invalid
      ]]],
      ["colons", "---\nname: a\ndescription: Use when: asked: now\n---\n", ["a", "Use when: asked: now", [invalid]]],
      ["a bracket", "---\nname: a\ndescription: [WIP] drafts\n---\n", ["a", "[WIP] drafts", [invalid]]],
      ["an asterisk", "---\nname: a\ndescription: *bold* words\n---\n", ["a", "*bold* words", [invalid]]],
      ["two quotes", "---\nname: a\ndescription: \"one\" and \"two\"\n---\n", ["a", "\"one\" and \"two\"", [invalid]]],
      ["an invalid escape", "---\nname: a\ndescription: \"a \\d b\"\n---\n", ["a", "a \\d b", [invalid]]],
      ["tabs", "---\nname:\ta\ndescription: >\n\tone\n\ttwo\n---\n", ["a", "one two", [invalid]]],
      ["a duplicate key", "---\nname: a\nname: b\ndescription: c\n---\n", ["b", "c", [invalid]]],
      ["other tools' keys", "---\nmetadata:\n  name: no\n  description: no\nname: a\n---\n", ["a", "", [undescribed]]],
      ["every line indented", "---\n  name: a\n  x: [] []\n  description: b\n---\n", ["a", "b", [invalid]]],
      ["blank lines first", "\n\n---\nname: a\ndescription: b\n---\n", ["a", "b", []]],
      ["a number keeps its text", "---\nname: 1.10 # the version\ndescription: 0x10\n---\n", ["1.10", "0x10", []]],
      ["nothing", "---\n---\n", ["", "", [undescribed]]],
      ["null", "---\nname:\ndescription: ~\n---\n", ["", "", [undescribed]]],
      ["no front matter", "# A skill\n\n---\nname: no\n---\n", ["", "", [absent]]],
      ["no text", "", ["", "", [absent]]],
      ["not closed", "---\nname: a\ndescription: b\n\n# A\n\ntext: c\n", ["a", "b", [open]]],
      ["a line, not a front matter", "---\nname: a\n\n# A\n", ["", "", [open]]]
    ] as const
  )("F-14 %s", (_, text, expected) => {
    const { description, name, notes } = FrontMatter.of(text)
    assert.deepStrictEqual<unknown>([name, description, notes], expected)
  })
})
