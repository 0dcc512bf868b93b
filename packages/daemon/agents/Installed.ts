import { Effect } from "effect"
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises"
import { homedir } from "node:os"
import { join } from "node:path"
import { run } from "../src/process/Run.ts"

/** The releases that are tested: those that `providers` are said to have been seen with. */
export const versions = {
  claude: "2.1.332",
  codex: "0.171.0",
  opencode: "1.18.33",
  gemini: "0.61.0",
  qwen: "0.24.4",
  copilot: "1.0.102",
  cline: "3.0.65"
} as const

/** Their packages on npm. */
export const packages: Readonly<Record<keyof typeof versions, string>> = {
  claude: "@anthropic-ai/claude-code",
  codex: "@openai/codex",
  opencode: "opencode-ai",
  gemini: "@google/gemini-cli",
  qwen: "@qwen-code/qwen-code",
  copilot: "@github/copilot",
  cline: "cline"
}

/** Where the CLIs stay between two runs. */
const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "muster", "agents")

const here = (path: string) => Effect.promise(() => access(path).then(() => true, () => false))

const environment = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) => value === undefined ? [] : [[name, value] as const])
)

/**
 * The folder with the commands of `name@version` of the npm registry, installed at first use. An installation is whole or
 * not there: it is made beside its place and then moved.
 */
export const installed = (name: string, version: string): Effect.Effect<string> =>
  Effect.gen(function*() {
    const place = join(cache, `${name.replaceAll(/[@/]+/g, "_")}-${version}`)
    const commands = join(place, "node_modules", ".bin")
    if (yield* here(commands)) return commands
    yield* Effect.promise(() => mkdir(cache, { recursive: true }))
    const draft = yield* Effect.promise(() => mkdtemp(join(cache, "draft-")))
    const args = ["install", "--no-audit", "--no-fund", "--prefix", draft, `${name}@${version}`]
    const outcome = yield* run("npm", args, { env: environment, cwd: draft, timeout: "240 seconds" })
    if (outcome.exitCode !== 0) return yield* Effect.die(new Error(`npm ${args.join(" ")}: ${outcome.stderr}`))
    // Another run may have been quicker; its installation is as good.
    yield* Effect.promise(() => rename(draft, place).catch(() => rm(draft, { recursive: true, force: true })))
    return commands
  }).pipe(Effect.orDie)
