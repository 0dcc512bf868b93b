import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { exitCodes } from "../src/failure/ExitCode.ts"
import { makePerson } from "./support/FakeOpenCode.ts"
import { listed } from "./support/ListedSkills.ts"
import { runMuster } from "./support/runMuster.ts"
import { spawnMuster } from "./support/Spawned.ts"
import { leftOut, writeSkills } from "./support/UnusualSkills.ts"

/** A server and a daemon start here; the machine may be busy. */
const testTimeout = 180_000

describe("a home with real-world skills", () => {
  it("F-13 docs/skills.md lists every note and every reason", () => {
    const docs = readFileSync(new URL("../../../docs/skills.md", import.meta.url), "utf8")
    const said = [...listed.flatMap(({ notes = [] }) => notes), ...leftOut.map(({ reason }) => reason)]
    assert.deepStrictEqual(said.filter((sentence) => !docs.includes(`| \`${sentence}\` |`)), [])
  })

  it.live(
    "F-13 F-14 F-15 each is listed and imported, with a note if it is unusual, or left out with the reason",
    () =>
      Effect.gen(function*() {
        const person = yield* makePerson
        writeSkills(person.HOME)
        const env = { ...person, SHELL: "", MUSTER_CLAUDE_PATH: person.MUSTER_OPENCODE_PATH }
        const dev = yield* spawnMuster(["dev", "--port", "0", "--data", `${person.HOME}/data`], env)
        yield* dev.awaitOut(/^ {2}online +.*claude/mi)
        const muster = (...args: ReadonlyArray<string>) => runMuster(args, { home: person.HOME })
        const json = (...args: ReadonlyArray<string>) =>
          Effect.map(muster(...args, "--json"), ({ code, stdout }) => ({ code, document: JSON.parse(stdout) }))

        const { document } = yield* json("skills", "list", "claude")
        assert.deepStrictEqual(
          document.skills.map(({ description, file_count, key, name, notes }: Record<string, unknown>) => ({
            key,
            name,
            description,
            count: file_count,
            notes
          })),
          listed.map(({ count, description, key, name, notes }) => ({ key, name, description, count, notes }))
        )
        const byKey = (a: { readonly key: string }, b: { readonly key: string }) => a.key < b.key ? -1 : 1
        const reasons = leftOut.map(({ key, reason }) => ({ key, reason })).toSorted(byKey)
        assert.deepStrictEqual(document.omitted.toSorted(byKey), reasons)

        const said = yield* muster("skills", "list", "claude")
        assert.match(said.stdout, /^KEY +NOTE\nchangelog +the front matter of SKILL\.md is not valid YAML\n/m)
        assert.match(said.stdout, /^LEFT OUT +REASON\n/m)

        const all = yield* json("skills", "import", "claude", "--all")
        assert.strictEqual(all.code, exitCodes.failedThere)
        assert.deepStrictEqual(all.document.refused.toSorted(byKey), reasons)
        assert.deepStrictEqual(
          all.document.imported.map(({ key, name }: Record<string, unknown>) => [key, name]),
          listed.map(({ key, name }) => [key, name])
        )
        const library = yield* json("skills", "library")
        const named = (name: string) => listed.find((one) => one.name === name)!
        assert.deepStrictEqual(
          library.document.skills.map(({ description, file_count, name }: Record<string, unknown>) => [
            name,
            description,
            file_count
          ]),
          listed.map(({ name }) => name).toSorted().map((name) => [
            name,
            named(name).description ?? "",
            named(name).count
          ])
        )

        const tool = yield* json("skills", "show", "python-tool")
        const script = { path: "scripts/run.py", content: "#!/usr/bin/env python3\nprint(1)\n", executable: true }
        assert.deepStrictEqual(tool.document.files, [script])
        assert.match((yield* muster("skills", "show", "python-tool")).stdout, /^scripts\/run\.py +32 +executable$/m)
        const made = yield* json("skills", "show", "windows-made")
        assert.match(made.document.content, /^---\r\nname: windows-made\r\n/)
      }),
    testTimeout
  )
})
