import { assert, describe, it } from "@effect/vitest"
import { Kinds, type LocalSkill } from "@muster/domain"
import { Effect } from "effect"
import { fit } from "../../src/skill/skillJobs.ts"
import { makeHome, skillText } from "./SkillTree.ts"

const keysOf = ({ skills }: { readonly skills: ReadonlyArray<{ readonly key: string }> }) =>
  skills.map(({ key }) => key)

const mebibyte = 1024 * 1024

describe("the skills on a machine", () => {
  it.effect.each(
    [
      ["claude", ".claude/skills"],
      ["codex", ".codex/skills"],
      ["copilot", ".copilot/skills"],
      ["cursor", ".cursor/skills"],
      ["gemini", ".gemini/skills"],
      ["hermes", ".hermes/skills"],
      ["kimi", ".kimi/skills"],
      ["kiro", ".kiro/skills"],
      ["openclaw", ".openclaw/skills"],
      ["opencode", ".config/opencode/skills"],
      ["pi", ".pi/agent/skills"],
      ["qwen", ".qwen/skills"]
    ] as const
  )("S-01 %s: those of %s, and the shared ones; its own wins", ([provider, root]) =>
    Effect.gen(function*() {
      const { list, write } = yield* makeHome
      write(`${root}/own/SKILL.md`, skillText("own"))
      write(`${root}/both/SKILL.md`, skillText("mine"))
      write(".agents/skills/both/SKILL.md", skillText("everybody's"))
      write(".agents/skills/shared/SKILL.md", skillText("shared"))
      write(".agents/skills/shared/scripts/run.sh", "true\n")
      assert.deepStrictEqual(yield* list(provider), {
        skills: [
          ["both", "mine", root, 1, "provider"] as const,
          ["own", "own", root, 1, "provider"] as const,
          ["shared", "shared", ".agents/skills", 2, "shared"] as const
        ].map(([key, name, folder, files, whose]) => ({
          key,
          name,
          description: "what it does",
          source_path: `~/${folder}/${key}`,
          provider,
          file_count: files,
          root: whose
        })),
        omitted: []
      })
    }))

  it.effect("S-01 a CLI's own variable moves its folder; no folder at all is an empty list", () =>
    Effect.gen(function*() {
      const { home, list, write } = yield* makeHome
      assert.deepStrictEqual(yield* list("codex"), { skills: [], omitted: [] })
      write("elsewhere/skills/a/SKILL.md")
      write("elsewhere/opencode/skills/b/SKILL.md")
      const moved = `${home}/elsewhere`
      assert.deepStrictEqual(keysOf(yield* list("codex", { CODEX_HOME: moved })), ["a"])
      assert.deepStrictEqual(keysOf(yield* list("claude", { CLAUDE_CONFIG_DIR: moved })), ["a"])
      assert.deepStrictEqual(keysOf(yield* list("opencode", { XDG_CONFIG_HOME: moved })), ["b"])
      assert.deepStrictEqual(keysOf(yield* list("codex", { CODEX_HOME: "elsewhere" })), [])
    }))

  it.effect("S-01 a folder with SKILL.md is a skill, and ends the search; four folders deep and no deeper", () =>
    Effect.gen(function*() {
      const { folder, list, write } = yield* makeHome
      for (
        const key of [
          "a",
          "b/c",
          "d/e/f/g",
          "d/e/f/g/h",
          "i/j/k/l/m",
          "a/inner",
          ".hidden",
          "b/.git/x",
          "license-audit"
        ]
      ) {
        write(`.claude/skills/${key}/SKILL.md`)
      }
      write(".claude/skills/SKILL.md")
      write(".claude/skills/lower/skill.md.txt")
      folder(".claude/skills/empty")
      assert.deepStrictEqual(keysOf(yield* list("claude")), ["a", "b/c", "d/e/f/g", "license-audit"])
    }))

  it.effect("S-01 links to folders are followed, loops end, and links inside a skill are not followed", () =>
    Effect.gen(function*() {
      const { bundle, link, list, refusal, write } = yield* makeHome
      write("dotfiles/linked/SKILL.md", skillText("linked"))
      write("secret/id_rsa", "secret")
      write(".claude/skills/real/SKILL.md", skillText("real"))
      write(".claude/skills/real/notes.md", "notes")
      link(".claude/skills/real/key.txt", "secret/id_rsa")
      link(".claude/skills/real/more", "secret")
      link(".claude/skills/linked", "dotfiles/linked")
      link(".claude/skills/group/up", ".claude/skills")
      link(".claude/skills/stolen/SKILL.md", "secret/id_rsa")
      const { omitted, skills } = yield* list("claude")
      assert.deepStrictEqual(skills.map(({ file_count, key }) => [key, file_count]), [["linked", 1], ["real", 2]])
      assert.deepStrictEqual(omitted.map(({ key }) => key), ["stolen"])
      assert.deepStrictEqual((yield* bundle("claude", "real")).files, [{ path: "notes.md", content: "notes" }])
      assert.strictEqual(yield* refusal("claude", "stolen"), "SKILL.md is a link to a file that is not Markdown")
    }))

  it.effect("S-01 the numbers of searched folders and of listed skills are bounded, and both bounds are reported", () =>
    Effect.gen(function*() {
      const { find, list, write } = yield* makeHome
      for (const key of ["a", "b", "c", "d", "e"]) write(`.claude/skills/${key}/SKILL.md`)
      const cut = yield* find(".claude/skills", 4)
      assert.deepStrictEqual([cut.skills.map(({ key }) => key), cut.cut], [["a", "b", "c"], true])
      assert.strictEqual((yield* find(".claude/skills", 6)).cut, false)
      const { omitted, skills } = yield* list("claude", {}, 4)
      assert.deepStrictEqual(skills.map(({ key }) => key), ["a", "b", "c", "d"])
      assert.deepStrictEqual(omitted, [{ key: "e", reason: "more than 4 skills" }])
    }))

  it.effect("a root that exists and cannot be read is not an empty one", () =>
    Effect.gen(function*() {
      const { bundle, list, refusal, write } = yield* makeHome
      write(".claude/skills", "no folder")
      write(".agents/skills/a/SKILL.md")
      const { omitted, skills } = yield* list("claude")
      assert.deepStrictEqual(skills.map(({ key }) => key), ["a"])
      assert.deepStrictEqual(omitted.map(({ key }) => key), ["~/.claude/skills"])
      assert.match(omitted[0]!.reason, /^the folder cannot be read \(\w+\)$/)
      assert.strictEqual((yield* bundle("claude", "a")).name, "x")
      assert.match(yield* refusal("claude", "b"), /^~\/\.claude\/skills\/b cannot be read \(\w+\)$/)
    }))

  it.effect("S-02 a skill over a limit is omitted from the list with its reason, and its import fails with the same", () =>
    Effect.gen(function*() {
      const { list, refusal, write } = yield* makeHome
      const at = ".claude/skills"
      write(`${at}/entry/SKILL.md`, "x".repeat(mebibyte + 1))
      write(`${at}/files/SKILL.md`)
      for (let i = 0; i < 257; i++) write(`${at}/files/${i}.md`, "x")
      write(`${at}/total/SKILL.md`)
      for (let i = 0; i < 8; i++) write(`${at}/total/${i}.md`, "x".repeat(mebibyte))
      const reasons = {
        entry: "SKILL.md exceeds 1048576 bytes",
        files: "local skill exceeds 256 files",
        total: "local skill exceeds 8388608 bytes in total"
      }
      const { omitted, skills } = yield* list("claude")
      assert.deepStrictEqual(skills, [])
      assert.deepStrictEqual(omitted, Object.entries(reasons).map(([key, reason]) => ({ key, reason })))
      for (const [key, reason] of Object.entries(reasons)) assert.strictEqual(yield* refusal("claude", key), reason)
    }))

  it.effect("S-01 a key that no import can name, and a SKILL.md that is not a file, is omitted with its reason", () =>
    Effect.gen(function*() {
      const { list, pipe, refusal, unspelt, write } = yield* makeHome
      for (const key of [" a", "b ", "c\\d", "e\nf", "g:h"]) write(`.claude/skills/${key}/SKILL.md`)
      unspelt(".claude/skills/i")
      write(".claude/skills/j/SKILL.md", skillText("n".repeat(257)))
      write(".claude/skills/k/SKILL.md", skillText("k", "d".repeat(8_193)))
      write(".claude/skills/l/SKILL.md/m")
      yield* pipe(".claude/skills/n/SKILL.md")
      const { omitted, skills } = yield* list("claude")
      assert.deepStrictEqual(skills, [])
      const rename = "no import can name it: rename its folder"
      assert.deepStrictEqual(omitted, [
        { key: "~/.claude/skills/i\uFFFD", reason: "the folder's name is no UTF-8" },
        { key: "j", reason: "the skill's name exceeds 256 characters" },
        { key: "k", reason: "the skill's description exceeds 8192 characters" },
        { key: "l", reason: "SKILL.md is no file" },
        { key: "n", reason: "SKILL.md is no file" },
        ...[" a", "b ", "c\\d", "e\nf", "g:h"].map((key) => ({ key, reason: rename }))
      ])
      assert.strictEqual(yield* refusal("claude", "n"), "SKILL.md is no file")
    }))

  it.effect("S-02 the entries of a skill's folder are bounded, and a list fits into its report", () =>
    Effect.gen(function*() {
      const { list, write } = yield* makeHome
      write(".claude/skills/a/SKILL.md")
      for (let i = 0; i < 4_096; i++) write(`.claude/skills/a/${i}.png`, new Uint8Array([0]))
      assert.deepStrictEqual(yield* list("claude"), {
        skills: [],
        omitted: [{ key: "a", reason: "local skill exceeds 4096 files and folders" }]
      })

      const { bytes, text } = Kinds.LocalSkillList.reportBound
      const skill = (i: number): LocalSkill.LocalSkill => ({
        key: `${i}`,
        name: "長".repeat(256),
        description: "長".repeat(1_024),
        source_path: "長".repeat(1_024),
        provider: "claude",
        file_count: 1
      })
      const all = Array.from({ length: 1_000 }, (_, i) => skill(i))
      const { omitted, skills } = fit({ skills: all, omitted: [] })
      assert.isBelow(Buffer.byteLength(JSON.stringify({ skills, omitted })), bytes)
      assert.deepStrictEqual([...skills, ...omitted].map(({ key }) => key), all.map(({ key }) => key))
      assert.deepStrictEqual(omitted[0], { key: `${skills.length}`, reason: `a list is at most ${text}` })
      assert.isAbove(skills.length, 400)
    }))

  it.effect("S-02 at the limits it is a skill; larger, binary, hidden and license files are skipped", () =>
    Effect.gen(function*() {
      const { bundle, list, write } = yield* makeHome
      const at = ".claude/skills/full"
      const text = skillText("full")
      write(`${at}/SKILL.md`, text + "x".repeat(mebibyte - text.length))
      for (let i = 100; i < 356; i++) write(`${at}/docs/${i}.md`, i < 106 ? "x".repeat(mebibyte) : "")
      write(`${at}/big.md`, "x".repeat(mebibyte + 1))
      write(`${at}/image.png`, new Uint8Array([0x89, 0x50, 0, 1]))
      write(`${at}/latin1.txt`, new Uint8Array([0x66, 0xfc, 0x72]))
      write(`${at}/.env`, "SECRET=1")
      write(`${at}/LICENSE.txt`, "MIT")
      assert.deepStrictEqual((yield* list("claude")).skills.map(({ file_count }) => file_count), [257])
      const { content, files } = yield* bundle("claude", "full")
      assert.strictEqual(content.length, mebibyte)
      assert.deepStrictEqual(
        files.map(({ path }) => path),
        Array.from({ length: 256 }, (_, i) => `docs/${i + 100}.md`)
      )
    }))

  it.effect.each(
    [
      ["folded", "name: a\ndescription: >\n  one\n  two\n", "a", "one two"],
      ["kept lines", "name: a\ndescription: |-\n  one\n  two\n", "a", "one\ntwo"],
      ["quoted over lines", "name: 'a b'\ndescription: \"one\n  two: three\"\n", "a b", "one two: three"],
      ["no name", "description: one\nmetadata:\n  version: 1.0\n", "the-folder", "one"],
      ["no text", "name: 12\ndescription: [one]\n", "12", ""],
      ["no YAML at all", "name: a\ndescription: Use when: asked\n", "a", "Use when: asked"],
      ["empty", "", "the-folder", ""]
    ] as const
  )("S-03 front matter, %s", ([, yaml, name, description]) =>
    Effect.gen(function*() {
      const { bundle, write } = yield* makeHome
      for (const line of ["\n", "\r\n"]) {
        write(".claude/skills/the-folder/SKILL.md", `---\n${yaml}---\n\ntext\n`.replaceAll("\n", line))
        const read = yield* bundle("claude", "the-folder")
        assert.deepStrictEqual([read.name, read.description.replaceAll("\r", "")], [name, description])
      }
    }))

  it.effect("S-03 without front matter it has the name of the folder", () =>
    Effect.gen(function*() {
      const { bundle, write } = yield* makeHome
      for (const text of ["# A skill\n\n---\nname: no\n---\n", "---\nname: never closed\n", ""]) {
        write(".claude/skills/group/plain/SKILL.md", text)
        const { description, name } = yield* bundle("claude", "group/plain")
        assert.deepStrictEqual([name, description], ["plain", ""])
      }
    }))

  it.effect("S-04 a key that is absolute, leaves its root or is not listed is refused", () =>
    Effect.gen(function*() {
      const { folder, refusal, write } = yield* makeHome
      write(".claude/other/SKILL.md")
      write(".claude/skills/.hidden/SKILL.md")
      write(".claude/skills/a/b/c/d/e/SKILL.md")
      write(".claude/skills/file")
      folder(".claude/skills/empty")
      const invalid = ["../other", "a/../../other", "a/..", "/etc", "C:\\x", "..", ".", "./", "a\0", "a\\..\\..\\other"]
      for (const key of invalid) assert.strictEqual(yield* refusal("claude", key), "invalid skill key", key)
      for (const key of ["", "  "]) assert.strictEqual(yield* refusal("claude", key), "skill key is required")
      for (const key of ["nope", ".hidden", "a/b/c/d/e"]) {
        assert.strictEqual(yield* refusal("claude", key), "local skill not found", key)
      }
      assert.strictEqual(yield* refusal("claude", "file"), "local skill is not a directory")
      assert.strictEqual(
        yield* refusal("claude", "empty"),
        "open ~/.claude/skills/empty/SKILL.md: no such file or directory"
      )
    }))

  it.effect("S-04 NUL and invalid UTF-8 in SKILL.md are replaced", () =>
    Effect.gen(function*() {
      const { bundle, write } = yield* makeHome
      write(".claude/skills/a/SKILL.md", Buffer.concat([Buffer.from("f\0o"), Buffer.from([0xff]), Buffer.from("r")]))
      write(".claude/skills/a/skill.MD", "a second one")
      const { content, files } = yield* bundle("claude", "a")
      assert.strictEqual(content, "fo\uFFFDr")
      assert.deepStrictEqual(files, [])
    }))
})
