import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeHome, skillText } from "./SkillTree.ts"

const at = ".claude/skills"

/** Keys with the notes of each. */
const notesOf = ({ skills }: {
  readonly skills: ReadonlyArray<{ readonly key: string; readonly notes?: ReadonlyArray<string> }>
}) => skills.map(({ key, notes = [] }) => [key, ...notes])

const utf16 = (text: string, mark: boolean, bigEndian: boolean) => {
  const bytes = Buffer.from((mark ? "\uFEFF" : "") + text, "utf16le")
  return bigEndian ? bytes.swap16() : bytes
}

describe("an unusual SKILL.md", () => {
  it.effect("F-13 a link to a Markdown file is a SKILL.md, wherever the file is, also over several links", () =>
    Effect.gen(function*() {
      const { bundle, link, list, write } = yield* makeHome
      write("nix/store/abc-hm_SKILL.md", skillText("managed"))
      link("nix/store/abc-files/SKILL.md", "nix/store/abc-hm_SKILL.md")
      link(`${at}/managed/SKILL.md`, "nix/store/abc-files/SKILL.md")
      write("dotfiles/stowed/SKILL.md", skillText("stowed"))
      write("dotfiles/stowed/run.sh", "true\n")
      link(`${at}/stowed`, "dotfiles/stowed")
      write("dotfiles/unfolded/SKILL.md", skillText("unfolded"))
      write("dotfiles/unfolded/run.sh", "true\n")
      link(`${at}/unfolded/SKILL.md`, "dotfiles/unfolded/SKILL.md")
      link(`${at}/unfolded/run.sh`, "dotfiles/unfolded/run.sh")
      const listed = yield* list("claude")
      assert.deepStrictEqual(notesOf(listed), [
        ["managed"],
        ["stowed"],
        ["unfolded", "1 link in its folder is not followed"]
      ])
      assert.deepStrictEqual(listed.omitted, [])
      assert.strictEqual((yield* bundle("claude", "managed")).content, skillText("managed"))
      assert.deepStrictEqual((yield* bundle("claude", "stowed")).files, [{ path: "run.sh", content: "true\n" }])
    }))

  it.effect("F-13 a link to nothing, to a folder, or to a file that is not Markdown is omitted with the reason", () =>
    Effect.gen(function*() {
      const { folder, link, list, refusal, write } = yield* makeHome
      link(`${at}/dangling/SKILL.md`, "collected/SKILL.md")
      link(`${at}/gone`, "collected")
      write(".ssh/id_rsa", "secret")
      link(`${at}/stolen/SKILL.md`, ".ssh/id_rsa")
      folder("folder.md")
      link(`${at}/to-a-folder/SKILL.md`, "folder.md")
      link(`${at}/turning/SKILL.md`, `${at}/turning/SKILL.md`)
      const { omitted, skills } = yield* list("claude")
      assert.deepStrictEqual(skills, [])
      assert.deepStrictEqual(omitted, [
        { key: `~/${at}/gone`, reason: "it is a link to what does not exist" },
        { key: "dangling", reason: "SKILL.md is a link to a file that does not exist" },
        { key: "stolen", reason: "SKILL.md is a link to a file that is not Markdown" },
        { key: "to-a-folder", reason: "SKILL.md is no file" },
        { key: "turning", reason: omitted.at(-1)!.reason }
      ])
      assert.match(omitted.at(-1)!.reason, /^SKILL\.md cannot be read \(\w+\)$/)
      assert.strictEqual(yield* refusal("claude", "dangling"), "SKILL.md is a link to a file that does not exist")
    }))

  it.effect("F-13 in another letter case, without front matter, without a description: listed with a note", () =>
    Effect.gen(function*() {
      const { bundle, list, write } = yield* makeHome
      write(`${at}/lower/skill.md`, skillText("lower"))
      write(`${at}/lower/notes.md`, "notes")
      write(`${at}/title/Skill.md`, skillText("title"))
      write(`${at}/two/SKILL.md`, skillText("two"))
      write(`${at}/two/skill.md`, skillText("another"))
      write(`${at}/bare/SKILL.md`, "# Bare\n\nWords.\n")
      write(`${at}/empty/SKILL.md`, "")
      write(`${at}/silent/SKILL.md`, "---\nname: silent\ndescription:\n---\n")
      write(`${at}/open/SKILL.md`, "---\nname: open\ndescription: words\n\n# Open\n")
      write(`${at}/wild/SKILL.md`, "---\nname: wild\nargument-hint: [a] [b]\ndescription: >-\n  of\n  words\n---\n")
      write(`${at}/SKILL.md`, skillText("nowhere"))
      const listed = yield* list("claude")
      assert.deepStrictEqual(notesOf(listed), [
        ["bare", "SKILL.md has no front matter"],
        ["empty", "SKILL.md has no front matter"],
        ["lower", "its file is named skill.md, not SKILL.md"],
        ["open", "the front matter of SKILL.md is not closed"],
        ["silent", "SKILL.md has no description"],
        ["title", "its file is named Skill.md, not SKILL.md"],
        ["two"],
        ["wild", "the front matter of SKILL.md is not valid YAML"]
      ])
      assert.deepStrictEqual(listed.skills.map(({ description = "" }) => description), [
        "",
        "",
        "what it does",
        "words",
        "",
        "what it does",
        "what it does",
        "of words"
      ])
      assert.deepStrictEqual(listed.omitted, [
        { key: `~/${at}/SKILL.md`, reason: "a skill is in a folder of its own: move it into one" }
      ])
      const lower = yield* bundle("claude", "lower")
      assert.deepStrictEqual([lower.name, lower.content, lower.files], [
        "lower",
        skillText("lower"),
        [{ path: "notes.md", content: "notes" }]
      ])
      const two = yield* bundle("claude", "two")
      assert.deepStrictEqual([two.name, two.files], ["two", []])
    }))

  it.effect.each(
    [
      ["UTF-8 with a mark", Buffer.from(`\uFEFF${skillText("größe")}`)],
      ["UTF-16, little end first", utf16(skillText("größe"), true, false)],
      ["UTF-16, big end first", utf16(skillText("größe"), true, true)],
      ["UTF-16 without a mark", utf16(skillText("größe"), false, false)],
      ["UTF-16, big end first, without a mark", utf16(skillText("größe"), false, true)],
      ["with CRLF", Buffer.from(skillText("größe").replaceAll("\n", "\r\n"))]
    ] as const
  )("F-14 %s is read as its author meant it", ([, bytes]) =>
    Effect.gen(function*() {
      const { bundle, list, write } = yield* makeHome
      write(`${at}/a/SKILL.md`, bytes)
      const [skill] = (yield* list("claude")).skills
      assert.deepStrictEqual([skill?.name, skill?.description, skill?.notes], ["größe", "what it does", undefined])
      const { content } = yield* bundle("claude", "a")
      assert.strictEqual(content.replace("\uFEFF", "").replaceAll("\r\n", "\n"), skillText("größe"))
    }))

  it.effect("F-15 dependencies, caches, archives and editors' files are not part of it; a script stays executable", () =>
    Effect.gen(function*() {
      const { bundle, executable, list, write } = yield* makeHome
      write(`${at}/a/SKILL.md`, skillText("a"))
      for (let i = 0; i < 300; i++) write(`${at}/a/node_modules/p/${i}.js`, "x")
      for (
        const path of [
          "__pycache__/run.pyc",
          "lib.egg-info/PKG-INFO",
          ".git/HEAD",
          ".DS_Store",
          "notes.md~",
          "notes.md.swp",
          ".notes.md.swp",
          "#notes.md#",
          "kit.zip",
          "kit.tar.gz",
          "Thumbs.db"
        ]
      ) {
        write(`${at}/a/${path}`, "x")
      }
      write(`${at}/a/scripts/run.sh`, "#!/bin/sh\n")
      executable(`${at}/a/scripts/run.sh`)
      write(`${at}/a/logo.png`, new Uint8Array([0x89, 0x50, 0, 1]))
      write(`${at}/a/notes.md`, "notes")
      write(`${at}/node_modules/b/SKILL.md`, skillText("b"))
      write(`${at}/venv/SKILL.md`, skillText("venv"))
      const { omitted, skills } = yield* list("claude")
      assert.deepStrictEqual(skills.map(({ file_count, key, notes }) => [key, file_count, notes]), [
        ["a", 3, ["1 file is left out: not text, or over 1 MiB"]],
        ["venv", 1, undefined]
      ])
      assert.deepStrictEqual(omitted, [])
      assert.deepStrictEqual((yield* bundle("claude", "a")).files, [
        { path: "notes.md", content: "notes" },
        { path: "scripts/run.sh", content: "#!/bin/sh\n", executable: true }
      ])
    }))

  it.effect("F-15 kimi: the home of Kimi Code precedes that of Kimi CLI; a variable changes it", () =>
    Effect.gen(function*() {
      const { home, list, write } = yield* makeHome
      write(".kimi-code/skills/both/SKILL.md", skillText("new"))
      write(".kimi/skills/both/SKILL.md", skillText("old"))
      write(".kimi/skills/old/SKILL.md", skillText("old"))
      write("moved/skills/c/SKILL.md", skillText("c"))
      const names = (skills: ReadonlyArray<{ readonly name: string }>) => skills.map(({ name }) => name)
      assert.deepStrictEqual(names((yield* list("kimi")).skills), ["new", "old"])
      const moved = yield* list("kimi", { KIMI_CODE_HOME: `${home}/moved` })
      assert.deepStrictEqual(names(moved.skills), ["old", "c", "old"])
    }))
})
