import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { makeHome } from "../../support/runMuster.ts"

/** The list of the scripted OpenCode; the makers precede the slash. */
export const models = [
  "anthropic/claude-opus-4-1",
  "anthropic/claude-sonnet-4-5",
  "openai/gpt-5",
  "openai/gpt-5-mini"
]

/** Each call waits while there is a gate, prints the content of `models`, and ends with the code in `code`. */
const opencode = (folder: string) =>
  `#!/bin/sh
case "$1" in
  --version) echo 9.9.9 ;;
  models)
    if [ -p ${folder}/gate ]; then cat ${folder}/gate > /dev/null; fi
    code=$(cat ${folder}/code)
    if [ "$code" = 0 ]; then cat ${folder}/models; else echo "no key for any provider" >&2; fi
    exit "$code" ;;
  *) exit 1 ;;
esac
`

const cursor = `#!/bin/sh
case "$1" in
  --version) echo 2026.11.20 ;;
  --list-models) printf 'auto - Auto (default)\\nsonnet-4.5 - Claude Sonnet 4.5\\n' ;;
  *) exit 1 ;;
esac
`

const skill = (name: string, description: string) => `---\nname: ${name}\ndescription: ${description}\n---\n# ${name}\n`

/** A person's home with two scripted agent CLIs, where the test sets OpenCode's output, and three skills. */
export const makeMachine = Effect.gen(function*() {
  const home = yield* makeHome
  const write = (name: string, text: string, mode = 0o644) => writeFileSync(join(home, name), text, { mode })
  write("opencode", opencode(home), 0o755)
  write("cursor-agent", cursor, 0o755)
  for (const name of ["release-notes", "review-code", "write-tests"]) {
    const folder = join(home, ".config", "opencode", "skills", name)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, "SKILL.md"), skill(name, `How this team does ${name.replace("-", " ")}, step by step.`))
  }
  const says = (list: ReadonlyArray<string> | "failure") => {
    write("code", list === "failure" ? "1" : "0")
    write("models", list === "failure" ? "" : list.map((line) => `${line}\n`).join(""))
  }
  says(models)
  return {
    env: { HOME: home, MUSTER_OPENCODE_PATH: join(home, "opencode"), MUSTER_CURSOR_PATH: join(home, "cursor-agent") },
    /** The output of OpenCode's next calls. */
    says,
    /** OpenCode's calls wait from now on, until the returned effect runs. */
    hold: () => {
      const gate = join(home, "gate")
      execFileSync("mkfifo", [gate])
      return () => {
        // Opened for both, so that this waits for no reader; closing it releases the current readers.
        const opened = openSync(gate, "r+")
        rmSync(gate)
        writeFileSync(opened, "go\n")
        closeSync(opened)
      }
    }
  }
})
