import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { listed } from "./ListedSkills.ts"
import { at, many, named, type OnDisk, plugins } from "./SkillOnDisk.ts"

/** Skills that exist and cannot be imported. */
interface LeftOut extends OnDisk {
  readonly key: string
  readonly reason: string
}

export const leftOut: ReadonlyArray<LeftOut> = [
  {
    key: "a\\b",
    reason: "no import can name it: rename its folder",
    files: { [`${at}/a\\b/SKILL.md`]: named("a", "b") }
  },
  {
    key: "dangling",
    reason: "SKILL.md is a link to a file that does not exist",
    links: { [`${at}/dangling/SKILL.md`]: "nix/store/collected.md" }
  },
  {
    key: "is-a-folder",
    reason: "SKILL.md is no file",
    files: { [`${at}/is-a-folder/SKILL.md/a.md`]: "a" }
  },
  {
    key: "long-name",
    reason: "the skill's name exceeds 256 characters",
    files: { [`${at}/long-name/SKILL.md`]: named("n".repeat(257), "words") }
  },
  {
    key: "secret-link",
    reason: "SKILL.md is a link to a file that is not Markdown",
    files: { ".ssh/id_rsa": "secret" },
    links: { [`${at}/secret-link/SKILL.md`]: ".ssh/id_rsa" }
  },
  {
    key: "too-large",
    reason: "SKILL.md exceeds 1048576 bytes",
    files: { [`${at}/too-large/SKILL.md`]: named("too-large", "words") + "x".repeat(1024 * 1024) }
  },
  {
    key: "too-many-files",
    reason: "local skill exceeds 256 files",
    files: {
      [`${at}/too-many-files/SKILL.md`]: named("too-many-files", "words"),
      ...many(`${at}/too-many-files/docs`, 257, "")
    }
  },
  {
    key: "~/.claude/skills/SKILL.md",
    reason: "a skill is in a folder of its own: move it into one",
    files: { [`${at}/SKILL.md`]: named("nowhere", "words") }
  },
  {
    key: "~/.claude/skills/gone",
    reason: "it is a link to what does not exist",
    links: { [`${at}/gone`]: "nix/store/collected" }
  }
]

/** Folders that are not a skill of this person's: not enabled, or in the folder of a dependency. */
const others: OnDisk = {
  files: {
    [`${plugins}/cache/m/off/1.0.0/skills/off/SKILL.md`]: named("off", "Of a plugin that is not enabled"),
    [`${at}/node_modules/theirs/SKILL.md`]: named("theirs", "Of a dependency"),
    [`${at}/.hidden/SKILL.md`]: named("hidden", "Hidden"),
    ".claude/settings.json": JSON.stringify({ enabledPlugins: { "tools@m": true, "off@m": false } })
  }
}

/** Writes all of them into a home. */
export const writeSkills = (home: string): void => {
  const place = (path: string) => {
    mkdirSync(dirname(join(home, path)), { recursive: true })
    return join(home, path)
  }
  const installed = ["tools", "off"].map((name) => [`${name}@m`, [{
    scope: "user",
    installPath: join(home, plugins, "cache/m", name, "1.0.0"),
    version: "1.0.0"
  }]])
  for (const { executable = [], files = {}, links = {} } of [...listed, ...leftOut, others]) {
    for (const [path, content] of Object.entries(files)) writeFileSync(place(path), content)
    for (const [path, target] of Object.entries(links)) symlinkSync(join(home, target), place(path))
    for (const path of executable) chmodSync(place(path), 0o755)
  }
  const text = JSON.stringify({ version: 2, plugins: Object.fromEntries(installed) })
  writeFileSync(place(`${plugins}/installed_plugins.json`), text)
}
