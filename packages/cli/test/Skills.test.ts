import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { exitCodes } from "../src/failure/ExitCode.ts"
import { makePerson } from "./support/FakeOpenCode.ts"
import { runMuster } from "./support/runMuster.ts"
import { runProcess, spawnMuster } from "./support/Spawned.ts"

const atOnce = { concurrency: 4 }

/** A server and a daemon start here; the machine may be busy. */
const testTimeout = 180_000

/** The folder of a person's skills for all projects, from each CLI's documentation. */
const layouts = {
  claude: ".claude/skills/release-notes",
  codex: ".codex/skills/release-notes",
  copilot: ".copilot/skills/release-notes",
  cursor: ".cursor/skills/release-notes",
  gemini: ".gemini/skills/release-notes",
  opencode: ".config/opencode/skills/release-notes",
  pi: ".pi/agent/skills/release-notes",
  qwen: ".qwen/skills/release-notes"
}

const skillText = (name: string, description: string) =>
  `---\nname: ${name}\ndescription: >-\n  ${description}\n  of ${name}\nmetadata:\n  author: me\n---\n\nRead \`references/style.md\`.\n`

/** A person with these CLIs on their machine, and a running `muster dev`. */
const startDev = Effect.fnUntraced(function*(providers: ReadonlyArray<string>) {
  const person = yield* makePerson
  const clis = providers.map((provider) => [`MUSTER_${provider.toUpperCase()}_PATH`, person.MUSTER_OPENCODE_PATH])
  const env = { ...person, SHELL: "", ...Object.fromEntries(clis) }
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(person.HOME, path)), { recursive: true })
    writeFileSync(join(person.HOME, path), content)
  }
  const start = Effect.gen(function*() {
    const dev = yield* spawnMuster(["dev", "--port", "0", "--data", `${person.HOME}/data`], env)
    yield* Effect.forEach(providers, (provider) => dev.awaitOut(new RegExp(`^ {2}online +.*${provider}`, "mi")))
  })
  const json = Effect.fnUntraced(function*(...args: ReadonlyArray<string>) {
    const { code, stdout } = yield* runMuster([...args, "--json"], { home: person.HOME })
    return { code, document: JSON.parse(stdout) }
  })
  return { env, json, start, write }
})

describe("muster skills", () => {
  it.live(
    "S-01 S-03 the CLIs' documented folders are listed and imported; 100 in one call, 5 of them refused",
    () =>
      Effect.gen(function*() {
        const providers = Object.keys(layouts)
        const { env, json, start, write } = yield* startDev(providers)
        for (const [provider, folder] of Object.entries(layouts)) {
          write(`${folder}/SKILL.md`, skillText(`notes-${provider}`, "Release notes"))
          write(`${folder}/references/style.md`, "Be brief.\n")
          write(`${folder}/scripts/collect.sh`, "git log\n")
          write(`${folder}/.cache/x`, "hidden")
        }
        write(".agents/skills/shared/SKILL.md", skillText("shared", "For all"))
        yield* start

        const listed = yield* Effect.forEach(providers, (provider) => json("skills", "list", provider), atOnce)
        const description = (name: string, words: string) => `${words} of ${name}`
        assert.deepStrictEqual(
          listed.map(({ document }) => document.skills),
          Object.entries(layouts).map(([provider, folder]) => [
            {
              key: "release-notes",
              name: `notes-${provider}`,
              description: description(`notes-${provider}`, "Release notes"),
              source_path: `~/${folder}`,
              provider,
              file_count: 3,
              root: "provider"
            },
            {
              key: "shared",
              name: "shared",
              description: description("shared", "For all"),
              source_path: "~/.agents/skills/shared",
              provider,
              file_count: 1,
              root: "shared"
            }
          ])
        )
        const imported = yield* Effect.forEach(
          providers,
          (provider) => json("skills", "import", provider, "release-notes"),
          atOnce
        )
        assert.deepStrictEqual(imported.map(({ code }) => code), providers.map(() => 0))
        const shown = yield* json("skills", "show", "notes-codex")
        assert.deepStrictEqual(shown.document.files, [
          { path: "references/style.md", content: "Be brief.\n" },
          { path: "scripts/collect.sh", content: "git log\n" }
        ])
        assert.strictEqual(shown.document.config.origin.provider, "codex")
        assert.strictEqual((yield* json("skills", "delete", "notes-codex")).code, 0)
        assert.strictEqual((yield* json("skills", "show", "notes-codex")).code, exitCodes.notFound)

        // 100 of them for Gemini, including the two that exist.
        const key = (n: number) => `skill-${String(n).padStart(3, "0")}`
        for (let n = 2; n < 100; n++) {
          const at = `.gemini/skills/${key(n)}`
          const name = n < 4 ? `notes-${n === 2 ? "pi" : "qwen"}` : key(n)
          write(`${at}/SKILL.md`, skillText(name, "A skill") + (n === 50 ? "x".repeat(1024 * 1024) : ""))
          for (let file = 0; file < (n === 60 ? 257 : 2); file++) write(`${at}/docs/${file}.md`, `${n}\n`)
        }
        const { code, stderr, stdout } = yield* runProcess(["skills", "import", "gemini", "--all", "--json"], env)
        assert.strictEqual(code, exitCodes.failedThere, stderr)
        const document = JSON.parse(stdout)
        assert.strictEqual(document.error, "5 of 100 skills were not imported")
        assert.strictEqual(document.imported.length, 95)
        const exists = (name: string) =>
          `a skill named "${name}" already exists; it is yours: use --overwrite to replace it`
        assert.deepStrictEqual(document.refused, [
          { key: "release-notes", reason: exists("notes-gemini") },
          { key: key(2), reason: exists("notes-pi") },
          { key: key(3), reason: exists("notes-qwen") },
          { key: key(50), reason: "SKILL.md exceeds 1048576 bytes" },
          { key: key(60), reason: "local skill exceeds 256 files" }
        ])
        assert.match(stderr, /^100\/100 \S+: /m)
        const library = yield* json("skills", "library")
        assert.strictEqual(library.document.skills.length, providers.length - 1 + 95)

        const said = yield* runMuster(["skills", "list", "gemini"], { home: env["HOME"]! })
        assert.strictEqual(said.stderr, "waiting for the daemon\nrunning on the machine\ndone\n")
        assert.match(
          said.stdout,
          /^release-notes +notes-gemini +3 +~\/\.gemini\/skills\/release-notes +Release notes of/m
        )
        assert.match(said.stdout, /^LEFT OUT +REASON\nskill-050 +SKILL\.md exceeds 1048576 bytes\nskill-060 /m)

        const more = yield* json("skills", "import", "gemini", key(50), "../x", "none", key(2), "--overwrite")
        assert.deepStrictEqual(more.document.refused, [
          { key: key(50), reason: "SKILL.md exceeds 1048576 bytes" },
          { key: "../x", reason: "invalid skill key" },
          { key: "none", reason: "local skill not found" }
        ])
        assert.deepStrictEqual(more.document.imported.map(({ name }: Record<string, unknown>) => name), ["notes-pi"])
      }),
    testTimeout
  )

  it.live.each(
    [
      [["skills", "import", "claude"], "no skills were named to import"],
      [
        ["skills", "import", "claude", "--all", "--name", "x"],
        "--name works with exactly one skill, and not with --all"
      ]
    ] as const
  )("C-06 %j: one sentence, exit code 2", ([args, sentence]) =>
    Effect.gen(function*() {
      const { code, stderr } = yield* runMuster(args)
      assert.strictEqual(code, exitCodes.usage)
      assert.match(stderr, new RegExp(`^error: ${sentence}\nnext: {2}`))
    }))
})
