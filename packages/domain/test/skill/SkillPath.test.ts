import { assert, describe, it } from "@effect/vitest"
import { SkillPath } from "@muster/domain"
import { Schema } from "effect"

/** Parts of a path, including misleading ones. */
const Parts = Schema.Array(Schema.Literals(["a", "b", "SKILL.md", "skill.MD", ".", "..", "", "C:", "a b", "\\", "\0"]))

describe("paths of skills", () => {
  it.prop("S-04 a file's path is kept in normal form and inside the skill, or refused", [Parts], (
    [parts]
  ) => {
    const kept = SkillPath.filePath(parts.join("/"))
    if (kept === undefined) return
    assert.strictEqual(SkillPath.filePath(kept), kept)
    assert.isFalse(kept.startsWith("/"))
    assert.isFalse(kept.split("/").some((part) => part === "" || part === "." || part === ".."))
    assert.notStrictEqual(kept.toLowerCase(), "skill.md")
  })

  it.prop("S-04 an accepted key names a place below its root", [Parts], ([parts]) => {
    const key = parts.join("/")
    if (SkillPath.refuseKey(key) !== undefined) return
    const clean = SkillPath.cleanKey(key)
    assert.isUndefined(SkillPath.refuseKey(clean))
    assert.strictEqual(SkillPath.cleanKey(clean), clean)
    assert.isFalse(clean.split("/").some((part) => part === "" || part === "." || part === ".."))
  })

  it.each([
    ["a/b.md", "a/b.md"],
    ["./a//b/../c.md", "a/c.md"],
    ["a\\b.md", "a/b.md"],
    ["deep/SKILL.md", "deep/SKILL.md"],
    ["", undefined],
    ["a/..", undefined],
    ["../a", undefined],
    ["a/../../b", undefined],
    ["..\\a", undefined],
    ["/a", undefined],
    ["\\a", undefined],
    ["c:a", undefined],
    ["Skill.md", undefined],
    ["x/../SKILL.MD", undefined],
    ["SKILL.md/a", undefined],
    ["skill.md. ", undefined],
    ["\u017Fkill.md", undefined],
    ["S\u212AILL.md", undefined],
    ["a\0", undefined],
    ["x".repeat(513), undefined]
  ])("S-04 the file %j is kept as %j", (path, kept) => {
    assert.strictEqual(SkillPath.filePath(path), kept)
  })

  it.each([
    ["a", undefined],
    ["a/b c", undefined],
    ["./a/", undefined],
    ["", "skill key is required"],
    [" ", "skill key is required"],
    [".", "invalid skill key"],
    ["/", "invalid skill key"],
    ["..", "invalid skill key"],
    ["a/../b", "invalid skill key"],
    ["/a", "invalid skill key"],
    ["c:/a", "invalid skill key"],
    ["a\\b", "invalid skill key"],
    ["a\nb", "invalid skill key"],
    ["x".repeat(1_025), "invalid skill key"]
  ])("S-04 the key %j is refused: %s", (key, refused) => {
    assert.strictEqual(SkillPath.refuseKey(key), refused)
  })
})
