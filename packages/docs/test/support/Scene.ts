import { Effect } from "effect"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { agent } from "./Agent.ts"
import { runLine, startLine } from "./Shell.ts"

const skill = "---\nname: release-notes\ndescription: Writes release notes.\n---\n\nBe brief.\n"

/** The variables of a person or machine: a home of their own, and no port that others use. */
const environmentOf = (home: string) => {
  mkdirSync(home, { recursive: true })
  return { HOME: home, MUSTER_LOCAL_PORT: "0", SHELL: "" }
}

/** What has to end with the scene: daemons in the background of these homes. */
const stopDaemon = (env: Readonly<Record<string, string>>) => runLine("muster daemon stop", env)

/** A person with a running `npm start`, an OpenCode that answers at once, and a Claude Code with one skill. */
export const startScene = Effect.gen(function*() {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "muster-pages-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }))
  )
  const home = join(folder, "me")
  const own = environmentOf(home)
  mkdirSync(join(home, ".claude", "skills", "release-notes"), { recursive: true })
  writeFileSync(join(home, ".claude", "skills", "release-notes", "SKILL.md"), skill)
  const cli = join(folder, "agent")
  writeFileSync(cli, agent, { mode: 0o755 })
  const machine = { ...own, MUSTER_OPENCODE_PATH: cli, MUSTER_CLAUDE_PATH: cli }
  const dev = yield* Effect.acquireRelease(
    Effect.promise(() => startLine("npm start -- --port 0", machine, /online[\s\S]*online/)),
    ({ stop }) => Effect.promise(stop)
  )
  const url = /Muster is up: (\S+)/.exec(dev.output)?.[1] ?? ""
  const token = readFileSync(join(home, ".muster", "token"), "utf8").trim()
  /** Another machine or person, whose daemon ends with the scene. */
  const other = (name: string) =>
    Effect.acquireRelease(
      Effect.sync(() => ({ ...environmentOf(join(folder, name)), MUSTER_CLAUDE_PATH: cli })),
      (env) => Effect.promise(() => stopDaemon(env))
    )
  return { own, other, url, token, folder }
})
