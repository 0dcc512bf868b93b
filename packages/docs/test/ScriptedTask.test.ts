import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { root } from "../src/page/Repository.ts"
import { allBlocks, commandsOf } from "./support/Lines.ts"
import { runLine, startLine } from "./support/Shell.ts"

/** The commands of the section, in their order. */
const commands = () => {
  const blocks = allBlocks().filter(({ page }) => page === "docs/development.md")
  const first = blocks.findIndex(({ text }) => text.includes("npm run scripted"))
  return blocks.slice(first, first + 2).flatMap(commandsOf)
}

describe("a task without an account of a model", () => {
  it.live(
    "T-13 P-07 the real OpenCode writes the file, as docs/development.md describes it",
    () =>
      Effect.gen(function*() {
        const home = yield* Effect.acquireRelease(
          Effect.sync(() => mkdtempSync(join(tmpdir(), "muster-scripted-"))),
          (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }))
        )
        // As `npm start` has it: the bundled OpenCode is found on PATH.
        const path = [join(root, "node_modules", ".bin"), dirname(process.execPath), "/usr/bin", "/bin"].join(":")
        const env = { HOME: home, PATH: path, MUSTER_LOCAL_PORT: "0", SHELL: "" }
        const [start = "", ...others] = commands()
        yield* Effect.acquireRelease(
          Effect.promise(() => startLine(`${start} -- --port 0`, env, /online\s+opencode/)),
          ({ stop }) => Effect.promise(stop)
        )
        for (const command of others) {
          const { code, output } = yield* Effect.promise(() => runLine(command, env))
          assert.strictEqual(code, 0, output)
        }
        assert.strictEqual(readFileSync(join(home, "app.txt"), "utf8"), "written by the agent\n")
      }),
    120_000
  )
})
