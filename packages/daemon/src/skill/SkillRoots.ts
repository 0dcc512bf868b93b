import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"
import type { Environment } from "../process/HostEnvironment.ts"

/** A folder that skills lie in, and whose it is. */
export interface SkillRoot {
  /** Absolute. */
  readonly path: string
  readonly root: "provider" | "shared"
  /** What the keys and names of its skills begin with, such as `plugin:`. Absent: nothing. */
  readonly prefix?: string
  /** It is itself one skill, with this key. Absent: its skills are below it. */
  readonly skill?: string
  /** Plugins of Claude Code are kept here: their skills' roots are found by reading (`withPlugins`). */
  readonly plugins?: true
}

/** Where a person's skills may lie. */
interface Home {
  readonly path: string
  /** The folder that a variable names, or one below the home. */
  readonly folder: (variable: string, ...below: ReadonlyArray<string>) => string
}

const below = (...parts: ReadonlyArray<string>) => ({ path }: Home) => [join(path, ...parts, "skills")]

const claudeFolder = ({ folder }: Home) => folder("CLAUDE_CONFIG_DIR", ".claude")

/**
 * The folders for all of a person's projects, as each CLI's documentation names them; the first in which a skill lies
 * wins. Source: `docs/protocol.md` 15.4, and the CLIs' own pages.
 */
const own: Readonly<Record<string, (home: Home) => ReadonlyArray<string>>> = {
  claude: (home) => [join(claudeFolder(home), "skills")],
  codex: ({ folder }) => [join(folder("CODEX_HOME", ".codex"), "skills")],
  copilot: ({ folder }) => [join(folder("COPILOT_HOME", ".copilot"), "skills")],
  cursor: below(".cursor"),
  gemini: below(".gemini"),
  hermes: below(".hermes"),
  // The first is of Kimi Code CLI, the others of Kimi CLI before it.
  kimi: ({ folder, path }) => [
    join(folder("KIMI_CODE_HOME", ".kimi-code"), "skills"),
    join(path, ".kimi", "skills"),
    join(path, ".config", "agents", "skills")
  ],
  kiro: below(".kiro"),
  openclaw: below(".openclaw"),
  opencode: ({ folder, path }) => [
    join(folder("XDG_CONFIG_HOME", ".config"), "opencode", "skills"),
    join(path, ".claude", "skills")
  ],
  pi: below(".pi", "agent"),
  qwen: below(".qwen")
}

/** The home folder of the daemon's user. */
export const homeOf = (host: Environment): string => {
  const named = host["HOME"] ?? ""
  return isAbsolute(named) ? named : homedir()
}

/** The roots of a provider's skills, the provider's own before the one that all providers share. */
export const skillRoots = (provider: string, host: Environment): ReadonlyArray<SkillRoot> => {
  const path = homeOf(host)
  const folder: Home["folder"] = (variable, ...below) => {
    const named = host[variable]?.trim() ?? ""
    return isAbsolute(named) ? named : join(path, ...below)
  }
  const home: Home = { path, folder }
  const paths = Object.hasOwn(own, provider) ? own[provider]!(home) : []
  const plugins = provider === "claude" ? [join(claudeFolder(home), "plugins")] : []
  return [
    ...paths.map((path): SkillRoot => ({ path, root: "provider" })),
    ...plugins.map((path): SkillRoot => ({ path, root: "provider", plugins: true })),
    { path: join(path, ".agents", "skills"), root: "shared" }
  ]
}
