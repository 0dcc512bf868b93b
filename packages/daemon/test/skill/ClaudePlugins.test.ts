import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeHome, skillText } from "./SkillTree.ts"

const cache = ".claude/plugins/cache"

/** A home with plugins: those that are installed, and which of them are enabled. */
const makePlugins = Effect.gen(function*() {
  const home = yield* makeHome
  const json = (path: string, value: unknown) => home.write(path, JSON.stringify(value))
  return {
    ...home,
    json,
    plugin: (folder: string, ...skills: ReadonlyArray<string>) => {
      for (const skill of skills) {
        home.write(`${cache}/${folder}/${skill}/SKILL.md`, skillText(skill.split("/").at(-1)!))
      }
    },
    installed: (plugins: Readonly<Record<string, string>>) =>
      json(".claude/plugins/installed_plugins.json", {
        version: 2,
        plugins: Object.fromEntries(
          Object.entries(plugins).map(([id, folder]) => [id, [{
            scope: "user",
            installPath: `${home.home}/${cache}/${folder}`,
            version: "1.0.0",
            installedAt: "2026-01-01T00:00:00.000Z"
          }]])
        )
      }),
    enabled: (...ids: ReadonlyArray<string>) =>
      json(".claude/settings.json", { model: "opus", enabledPlugins: Object.fromEntries(ids.map((id) => [id, true])) }),
    keys: Effect.map(home.list("claude"), ({ omitted, skills }) =>
      [
        skills.map(({ key, name }) => key === name ? key : `${key} (${name})`),
        omitted
      ] as const)
  }
})

describe("the skills of Claude Code's plugins", () => {
  it.effect("F-15 are listed and imported as `plugin:skill`, in addition to one's own of the same name", () =>
    Effect.gen(function*() {
      const { bundle, enabled, executable, installed, list, plugin, refusal, write } = yield* makePlugins
      plugin("market/tools/1.0.0", "skills/review", "skills/group/deep")
      write(`${cache}/market/tools/1.0.0/skills/review/run.sh`, "true\n")
      executable(`${cache}/market/tools/1.0.0/skills/review/run.sh`)
      write(".claude/skills/review/SKILL.md", skillText("mine"))
      installed({ "tools@market": "market/tools/1.0.0" })
      enabled("tools@market")
      const folder = `~/${cache}/market/tools/1.0.0/skills`
      const { omitted, skills } = yield* list("claude")
      assert.deepStrictEqual(skills.map(({ key, name, root, source_path }) => [key, name, source_path, root]), [
        ["review", "mine", "~/.claude/skills/review", "provider"],
        ["tools:group/deep", "tools:deep", `${folder}/group/deep`, "provider"],
        ["tools:review", "tools:review", `${folder}/review`, "provider"]
      ])
      assert.deepStrictEqual(omitted, [])
      assert.deepStrictEqual(yield* bundle("claude", "tools:review"), {
        name: "tools:review",
        description: "what it does",
        content: skillText("review"),
        source_path: `${folder}/review`,
        provider: "claude",
        files: [{ path: "run.sh", content: "true\n", executable: true }]
      })
      assert.strictEqual((yield* bundle("claude", "review")).name, "mine")
      assert.strictEqual(yield* refusal("claude", "tools:none"), "local skill not found")
      assert.deepStrictEqual((yield* list("codex")).skills, [])
    }))

  it.effect("F-15 only of plugins that are enabled, and installed for all projects", () =>
    Effect.gen(function*() {
      const { home, json, keys, link, plugin } = yield* makePlugins
      for (const name of ["on", "off", "project", "managed", "old"]) plugin(name, `skills/${name}`)
      const place = (name: string) => ({ installPath: `${home}/${cache}/${name}`, version: "1" })
      json(".claude/plugins/installed_plugins.json", {
        version: 2,
        plugins: {
          "on@m": [{ scope: "project", projectPath: "/p", ...place("off") }, { scope: "user", ...place("on") }],
          "off@m": [{ scope: "user", ...place("off") }],
          "project@m": [{ scope: "project", projectPath: "/p", ...place("project") }],
          "managed@m": [{ scope: "managed", ...place("managed") }],
          // As version 1 has them.
          "old@m": place("old"),
          "broken@m": [{ scope: "user" }],
          "relative@m": [{ scope: "user", installPath: "cache/on" }]
        }
      })
      const enabled = ["project@m", "managed@m", "old@m", "broken@m", "relative@m", "never@m"].map((id) => [id, true])
      // Settings are often a link; versions that are allowed enable a plugin, too.
      json("dotfiles/claude.json", {
        enabledPlugins: { ...Object.fromEntries(enabled), "on@m": ["1.0.0"], "off@m": false }
      })
      link(".claude/settings.json", "dotfiles/claude.json")
      assert.deepStrictEqual(yield* keys, [["managed:managed", "old:old", "on:on"], []])
    }))

  it.effect("F-15 are in the folders of a manifest or a marketplace, never outside the plugin", () =>
    Effect.gen(function*() {
      const { enabled, installed, json, keys, plugin, write } = yield* makePlugins
      plugin("named", "skills/a", "more/b", "one", "elsewhere/c")
      json(`${cache}/named/.claude-plugin/plugin.json`, {
        name: "its-name",
        skills: ["./more/", "./one", "../listed/skills"]
      })
      plugin("listed", "skills/xlsx", "skills/pdf", "skills/art")
      json(`${cache}/listed/.claude-plugin/marketplace.json`, {
        plugins: [
          { name: "documents", strict: false, skills: ["./skills/xlsx", "./skills/pdf"] },
          { name: "examples", strict: false, skills: "./skills/art" }
        ]
      })
      plugin("kept", "parts/d")
      json(".claude/plugins/marketplaces/m/.claude-plugin/marketplace.json", {
        plugins: [{ name: "kept", skills: ["./parts"] }]
      })
      write(`${cache}/whole/SKILL.md`, skillText("whole"))
      write(`${cache}/bare/commands/a.md`, "no skill")
      installed({
        "named@m": "named",
        "documents@m": "listed",
        "examples@m": "listed",
        "kept@m": "kept",
        "whole@m": "whole",
        "bare@m": "bare"
      })
      enabled("named@m", "documents@m", "examples@m", "kept@m", "whole@m", "bare@m")
      assert.deepStrictEqual(yield* keys, [[
        "documents:pdf",
        "documents:xlsx",
        "examples:art",
        "its-name:a",
        "its-name:b",
        "its-name:one",
        "kept:d",
        "whole:whole"
      ], []])
    }))

  it.effect("F-15 those that cannot be read are reported, and the others are listed", () =>
    Effect.gen(function*() {
      const { enabled, installed, keys, plugin, write } = yield* makePlugins
      write(".claude/skills/own/SKILL.md", skillText("own"))
      plugin("good", "skills/a")
      plugin("bad", "skills/b")
      write(`${cache}/bad/.claude-plugin/plugin.json`, "{")
      installed({ "good@m": "good", "bad@m": "bad", "absent@m": "absent" })
      enabled("good@m", "bad@m", "absent@m")
      assert.deepStrictEqual(yield* keys, [["good:a", "own"], [
        { key: "bad@m", reason: "it is not JSON" },
        { key: "absent@m", reason: "the folder of this plugin does not exist" }
      ]])
      write(".claude/settings.json", "{ // a comment\n}")
      const settings = {
        key: "~/.claude/settings.json",
        reason: "it is not JSON, so the skills of plugins are not known"
      }
      assert.deepStrictEqual(yield* keys, [["own"], [settings]])
    }))
})
