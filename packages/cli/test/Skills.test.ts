import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { exitCodes } from "../src/failure/ExitCode.ts"
import { makePerson } from "./support/FakeOpenCode.ts"
import { runMuster } from "./support/runMuster.ts"
import { runProcess, spawnMuster } from "./support/Spawned.ts"

/** A server and a daemon start here; the machine may be busy. */
const patience = 60_000

/** Where each CLI's documentation says that a person's skills for all projects lie. */
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
    "S-01 S-03 the folders of the CLIs' documentation are listed and imported through real processes",
    () =>
      Effect.gen(function*() {
        const providers = Object.keys(layouts)
        const { json, start, write } = yield* startDev(providers)
        for (const [provider, folder] of Object.entries(layouts)) {
          write(`${folder}/SKILL.md`, skillText(`notes-${provider}`, "Release notes"))
          write(`${folder}/references/style.md`, "Be brief.\n")
          write(`${folder}/scripts/collect.sh`, "git log\n")
          write(`${folder}/.cache/x`, "hidden")
        }
        write(".agents/skills/shared/SKILL.md", skillText("shared", "For all"))
        yield* start
        for (const [provider, folder] of Object.entries(layouts)) {
          const { document } = yield* json("skills", "list", provider)
          // OpenCode reads Claude's folder as well; the same key in its own wins.
          assert.deepStrictEqual(document.skills, [
            {
              key: "release-notes",
              name: `notes-${provider}`,
              description: `Release notes of notes-${provider}`,
              source_path: `~/${folder}`,
              provider,
              file_count: 3,
              root: "provider"
            },
            {
              key: "shared",
              name: "shared",
              description: "For all of shared",
              source_path: "~/.agents/skills/shared",
              provider,
              file_count: 1,
              root: "shared"
            }
          ])
          const imported = yield* json("skills", "import", provider, "release-notes")
          assert.deepStrictEqual([imported.code, imported.document.refused], [0, []])
        }
        const library = yield* json("skills", "library")
        assert.deepStrictEqual(
          library.document.skills.map(({ file_count, name }: Record<string, unknown>) => [name, file_count]),
          providers.map((provider) => [`notes-${provider}`, 3]).toSorted()
        )
        const { document } = yield* json("skills", "show", "notes-codex")
        assert.deepStrictEqual(document.files, [
          { path: "references/style.md", content: "Be brief.\n" },
          { path: "scripts/collect.sh", content: "git log\n" }
        ])
        assert.strictEqual(document.config.origin.provider, "codex")
        assert.strictEqual((yield* json("skills", "delete", "notes-codex")).code, 0)
        assert.strictEqual((yield* json("skills", "show", "notes-codex")).code, exitCodes.notFound)
      }),
    patience
  )

  it.live(
    "100 skills in one go, 3 of them with names that exist and 2 over a limit: 95 imported, 5 refused, within 10 s",
    () =>
      Effect.gen(function*() {
        const { env, json, start, write } = yield* startDev(["claude", "codex"])
        const key = (n: number) => `skill-${String(n).padStart(3, "0")}`
        for (let n = 0; n < 100; n++) {
          const at = `.claude/skills/${key(n)}`
          write(`${at}/SKILL.md`, skillText(key(n), "A skill") + (n === 50 ? "x".repeat(1024 * 1024) : ""))
          for (let file = 0; file < (n === 60 ? 129 : 2); file++) write(`${at}/docs/${file}.md`, `${n}\n`)
        }
        for (const n of [7, 8, 9]) write(`.codex/skills/${key(n)}/SKILL.md`, skillText(key(n), "Another skill"))
        yield* start
        const before = yield* json("skills", "import", "codex", "--all")
        assert.strictEqual(before.document.imported.length, 3)

        const [took, { code, stderr, stdout }] = yield* Effect.timed(
          runProcess(["skills", "import", "claude", "--all", "--json"], env)
        )
        assert.strictEqual(code, exitCodes.failedThere, stderr)
        const document = JSON.parse(stdout)
        assert.strictEqual(document.error, "5 of 100 skills were not imported")
        assert.strictEqual(document.imported.length, 95)
        const exists = (n: number) => `a skill named "${key(n)}" already exists; it is yours: --overwrite replaces it`
        assert.deepStrictEqual(document.refused, [
          ...[7, 8, 9].map((n) => ({ key: key(n), reason: exists(n) })),
          { key: key(50), reason: "SKILL.md exceeds 1048576 bytes" },
          { key: key(60), reason: "local skill exceeds 128 files" }
        ])
        assert.match(stderr, /^100\/100 skill-\d+: /m)
        assert.strictEqual((yield* json("skills", "library")).document.skills.length, 98)
        assert.isBelow(Duration.toMillis(took), 10_000)

        const limit = yield* json("skills", "import", "claude", key(50), "../x", "none")
        assert.deepStrictEqual(limit.document.refused, [
          { key: key(50), reason: "SKILL.md exceeds 1048576 bytes" },
          { key: "../x", reason: "invalid skill key" },
          { key: "none", reason: "local skill not found" }
        ])
        const again = yield* json("skills", "import", "claude", key(7), "--overwrite")
        assert.deepStrictEqual([again.code, again.document.imported.length], [0, 1])
      }),
    patience
  )

  it.live.each(
    [
      [["skills", "import", "claude"], "which skills are to be imported is not said"],
      [["skills", "import", "claude", "--all", "--name", "x"], "--name is for one skill, and not together with --all"]
    ] as const
  )("C-06 %j: one sentence, exit code 2", ([args, sentence]) =>
    Effect.gen(function*() {
      const { code, stderr } = yield* runMuster(args)
      assert.strictEqual(code, exitCodes.usage)
      assert.match(stderr, new RegExp(`^error: ${sentence}\nnext: {2}`))
    }))
})
